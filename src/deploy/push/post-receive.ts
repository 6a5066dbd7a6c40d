import { ExitCode } from '../../errors.ts'
import { joinScripts, type Script, sh } from '../../target/sh.ts'
import { timeStamp } from '../release-id.ts'
import { kept } from '../state-folder.ts'
import { receivedTags } from '../watch/tag-update.ts'
import { runDetached, showLog } from './detached-run.ts'

export interface ReceiveOptions {
  readonly patterns: readonly string[]
  /** The working directory, where playbooks and inventory are. */
  readonly folder: string
  /** The command line that deploys a tag. */
  readonly deploy: (tag: string) => readonly string[]
  /** To the person who pushes, as long as there is one. */
  readonly say: (line: string) => void
}

/**
 * The work of a post-receive hook: deploys the pushed tags one after the other, in a process that goes on when the
 * pusher is gone, and shows what that prints.
 * @param lines what git writes to the hook's standard input
 */
export async function receive(
  lines: AsyncIterable<string> | Iterable<string>,
  { patterns, folder, deploy, say }: ReceiveOptions,
): Promise<ExitCode> {
  const tags = await receivedTags(lines, patterns)
  const [first] = tags
  if (first === undefined) return ExitCode.done
  const log = kept(folder, 'logs', `${timeStamp(new Date())}-${inFileName(first)}.log`)
  const run = await runDetached(deployAll(tags, deploy), folder, log)
  say(`deploying ${tags.join(', ')}; this goes on when you disconnect`)
  say(`log on this machine: ${log}`)
  await showLog(run, say)
  const code = await run.ended
  say(code === 0 ? `done: ${tags.join(', ')}` : `not all is well: exit code ${code ?? 'unknown'}`)
  return code === 0 ? ExitCode.done : ExitCode.failed
}

/** A tag's name may be longer than the name of a file, and have characters that act on a terminal. */
function inFileName(tag: string): string {
  return tag.replaceAll(/[^\w.+-]/g, '-').slice(0, 100)
}

/** One that fails does not keep the next one from being deployed; its exit code is that of the whole. */
function deployAll(tags: readonly string[], deploy: ReceiveOptions['deploy']): Script {
  const deploys = tags.map(
    (tag) => sh`
      printf '%s\\n' ${`deploying ${tag}`}
      ${deploy(tag)} || status=$?
    `,
  )
  return sh`
    status=0
    ${joinScripts(deploys)}
    exit "$status"
  `
}
