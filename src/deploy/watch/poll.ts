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
  /** The trusted keys: if given, only tags that are signed with one of them are deployed. */
  readonly keys?: SigningKeys | undefined
  /** Deploys the newest tag at the first poll, which otherwise only remembers the existing tags. */
  readonly deployNewest?: boolean
  /** Deploys a commit and returns the exit code; the signal aborts it. */
  readonly deploy: (commit: TaggedCommit, signal: AbortSignal) => Promise<ExitCode>
  readonly say: (line: string) => void
  /** Ends the watch after the current deploy. */
  readonly stop: AbortSignal
  /** Aborts the current deploy. */
  readonly abort: AbortSignal
}

/**
 * Lists the tags once, and deploys the new ones in version order.
 * @returns the exit code of the last deploy that did not succeed, or else `done`
 */
export async function poll(state: WatchState, options: PollOptions): Promise<ExitCode> {
  const tags = await remoteTags(options.location, options.stop)
  if (state.isNew) await begin(tags, state, options)
  const due = await tagsToDeploy(tags, state, options)
  const confirmed = due.length === 0 ? [] : await confirm(due, state, options)
  let exitCode: ExitCode = due.length === confirmed.length ? ExitCode.done : ExitCode.failed
  for (const commit of confirmed) {
    if (options.stop.aborted) break
    const end = await deployOne(commit, options)
    const { outcome, text } = verdictOn(end)
    options.say(`${commit.tag}: ${text}`)
    await state.remember([[commit.tag, { sha: commit.sha, outcome }]])
    if (end !== ExitCode.done) exitCode = end
    // if a later tag was deployed now, this one would replace it at the next poll
    if (outcome === 'postponed') break
  }
  return exitCode
}

/** Remembers the tags that exist before the watch starts, so that they are not deployed. */
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
  const others = isDeployed ? 'only the newest is deployed' : 'existing tags are not deployed'
  if (newest === undefined) say(`${location.shown} has no tag that matches ${patterns.join(' or ')} yet`)
  else say(`${location.shown} has ${matching.length} matching tags, the newest is ${newest}; ${others}`)
}

/** Returns the tags to deploy. Remembers the others, and reports those that were moved. */
async function tagsToDeploy(
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
      // otherwise this tag would be new when the pattern changes
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
  const then = outcome === 'deployed' ? 'when it was deployed' : 'before the watch started'
  return `MOVED: ${tag} pointed to ${before.slice(0, 7)} ${then} and now points to ${sha.slice(0, 7)}, which is not deployed: create a new tag for it`
}

/** Drops the tags without a trusted signature, if there are keys. The commits are those of the verified tag objects. */
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
      say(`${tag}: not deployed, and skipped until the tag changes: ${error.message}`)
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
