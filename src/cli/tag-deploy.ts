/** What a watch and a hook ask of every deploy: it waits for its turn, and never replaces a later version. */
const manners = ['--lock-wait', '900', '--only-newer']

/** The command line that deploys a tag, whoever noticed it. */
export function tagDeploy(tag: string, repository: string, options: readonly string[]): string[] {
  return [...hostwright(), 'deploy', '--tag', tag, '--repo', repository, ...manners, ...options]
}

/** This very command, as a process of its own. */
export function hostwright(): string[] {
  const [, script = ''] = process.argv
  return [process.execPath, script]
}

/** What stands behind `--` on the command line. */
export function verbatim(options: Readonly<Record<string, unknown>>): string[] {
  const words = options['--']
  return Array.isArray(words) ? words.map(String) : []
}
