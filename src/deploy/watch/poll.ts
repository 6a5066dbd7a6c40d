import { ExitCode, UserError } from '../../errors.ts'
import { inVersionOrder } from '../../text/version-order.ts'
import { remoteTags } from '../repository/remote-tags.ts'
import type { RepositoryLocation } from '../repository/repository-location.ts'
import { openRepository } from '../repository/repository.ts'
import type { SigningKeys } from '../repository/signing-keys.ts'
import { SignatureError } from '../repository/tag-signature.ts'
import { matchesTag } from './tag-pattern.ts'
import { verdictOn } from './tag-verdict.ts'
import type { RememberedTag, WatchState } from './watch-state.ts'

export interface TaggedCommit {
  readonly tag: string
  readonly sha: string
}

export interface PollOptions {
  readonly location: RepositoryLocation
  readonly patterns: readonly string[]
  /** The working directory, where playbooks and inventory are. */
  readonly folder: string
  /** With keys, only tags that are signed with one of them are deployed. */
  readonly keys?: SigningKeys | undefined
  /** At the very first poll all tags are new: whether the newest one is deployed. */
  readonly deployNewest?: boolean
  /** Deploys and tells how it ended; the signal asks it to break off. */
  readonly deploy: (commit: TaggedCommit, signal: AbortSignal) => Promise<ExitCode>
  readonly say: (line: string) => void
  /** Nothing more is begun; a deploy that runs goes on to its end. */
  readonly stop: AbortSignal
  /** For those who cannot wait for that end: given to the deploy. */
  readonly abort: AbortSignal
}

/**
 * Looks once which tags there are, and deploys those that are new, in the order of their versions.
 * @returns how the last deploy that did not succeed has ended, else `done`
 */
export async function poll(state: WatchState, options: PollOptions): Promise<ExitCode> {
  const tags = await remoteTags(options.location, options.stop)
  if (state.isNew) await begin(tags, state, options)
  const due = await sift(tags, state, options)
  const confirmed = due.length === 0 ? [] : await confirm(due, state, options)
  let exitCode: ExitCode = due.length === confirmed.length ? ExitCode.done : ExitCode.failed
  for (const commit of confirmed) {
    if (options.stop.aborted) break
    const end = await deployOne(commit, options)
    const { outcome, text } = verdictOn(end)
    options.say(`${commit.tag}: ${text}`)
    await state.remember([[commit.tag, { sha: commit.sha, outcome }]])
    if (end !== ExitCode.done) exitCode = end
    // a later tag that went first would be replaced by this one at the next poll
    if (outcome === 'postponed') break
  }
  return exitCode
}

/** The tags that are there before the watch begins are not news. */
async function begin(
  tags: ReadonlyMap<string, string>,
  state: WatchState,
  { deployNewest, location, patterns, say }: PollOptions,
): Promise<void> {
  const matching = inVersionOrder([...tags.keys()].filter((tag) => matchesTag(tag, patterns)))
  const newest = matching.at(-1)
  const isDeployed = deployNewest === true && newest !== undefined
  const seen = [...tags].filter(([tag]) => !isDeployed || tag !== newest)
  await state.remember(seen.map(([tag, sha]) => [tag, { sha, outcome: 'seen' }]))
  const others = isDeployed ? 'the others are remembered, not deployed' : 'remembered, not deployed'
  if (newest === undefined) say(`${location.shown} has no tag like ${patterns.join(' or ')} yet`)
  else say(`${location.shown} has ${matching.length} such tags, the newest is ${newest}: ${others}`)
}

/** The tags to deploy. Of the others is remembered that they were there, and reported when they moved. */
async function sift(
  tags: ReadonlyMap<string, string>,
  state: WatchState,
  { patterns, say }: PollOptions,
): Promise<TaggedCommit[]> {
  const due: TaggedCommit[] = []
  const changed = new Map<string, RememberedTag>()
  for (const tag of inVersionOrder(tags.keys())) {
    const sha = tags.get(tag) ?? ''
    const remembered = state.get(tag)
    if (!matchesTag(tag, patterns)) {
      // so that another pattern does not make an old tag a new one
      if (remembered === undefined) changed.set(tag, { sha, outcome: 'seen' })
    } else if (isDue(sha, remembered)) due.push({ tag, sha })
    else if (remembered !== undefined && remembered.sha !== sha && remembered.movedTo !== sha) {
      say(describeMove(tag, remembered, sha))
      changed.set(tag, { ...remembered, movedTo: sha })
    }
  }
  if (changed.size > 0) await state.remember(changed)
  return due
}

function isDue(sha: string, remembered: RememberedTag | undefined): boolean {
  if (remembered === undefined) return true
  switch (remembered.outcome) {
    case 'postponed':
      return true
    case 'failed':
    case 'refused':
      return remembered.sha !== sha
    case 'deployed':
    case 'seen':
      return false
  }
}

function describeMove(tag: string, { outcome, sha: before }: RememberedTag, sha: string): string {
  const was = outcome === 'deployed' ? 'was deployed as' : 'was there before the watch began as'
  return `MOVED: ${tag} ${was} ${before.slice(0, 7)} and is ${sha.slice(0, 7)} now. It is not deployed: a release needs a tag of its own`
}

/** Without keys every tag counts; with them, the commit is that of the very object whose signature is good. */
async function confirm(
  due: readonly TaggedCommit[],
  state: WatchState,
  { folder, keys, location, say, stop }: PollOptions,
): Promise<readonly TaggedCommit[]> {
  if (keys === undefined) return due
  const repository = await openRepository(location, { folder, say, signal: stop })
  const confirmed: TaggedCommit[] = []
  for (const { tag } of due) {
    const sha = await repository.resolve({ kind: 'tag', name: tag })
    try {
      say(`${tag}: ${await repository.verifyTag(tag, keys)}`)
      confirmed.push({ tag, sha })
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error
      say(`${tag}: not deployed, and not looked at again until the tag changes: ${error.message}`)
      await state.remember([[tag, { sha, outcome: 'refused' }]])
    }
  }
  return confirmed
}

async function deployOne(commit: TaggedCommit, { abort, deploy, say }: PollOptions): Promise<ExitCode> {
  say(`${commit.tag}: deploying ${commit.sha.slice(0, 7)}`)
  try {
    return await deploy(commit, abort)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    say(`${commit.tag}: ${error.message}`)
    return error.exitCode
  }
}
