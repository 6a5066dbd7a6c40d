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
  /** Prints a line to the user who pushes; does nothing if the user has disconnected. */
  readonly say: (line: string) => void
}

/**
 * Deploys the pushed tags one after the other, in a process that continues if the user who pushes disconnects, and shows
 * its output.
 * @param lines the standard input of the post-receive hook
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
  say(`deploying ${tags.join(', ')}; the deploy continues if you disconnect`)
  say(`log on this machine: ${log}`)
  await showLog(run, say)
  const code = await run.ended
  say(code === 0 ? `done: ${tags.join(', ')}` : `deploy failed: exit code ${code ?? 'unknown'}`)
  return code === 0 ? ExitCode.done : ExitCode.failed
}

/** Shortens and cleans a tag for a file name: it may be too long, and may contain control characters of terminals. */
function inFileName(tag: string): string {
  return tag.replaceAll(/[^\w.+-]/g, '-').slice(0, 100)
}

/** Returns a script that continues with the next tag after a failed one, and ends with the last exit code that was not 0. */
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
