/** The command line that deploys a tag, whoever noticed it: it waits for its turn, and never replaces a later version. */
export function tagDeploy(tag: string, options: readonly string[]): string[] {
  return [...hostwright(), 'deploy', `--tag=${tag}`, '--only-newer', ...patience(options), ...options]
}

/** Unless the options say how long. */
function patience(options: readonly string[]): string[] {
  return options.some((option) => /^--lock-?wait(=|$)/i.test(option)) ? [] : ['--lock-wait', '900']
}

/** This very command, as a process of its own. */
export function hostwright(): string[] {
  const [, script = ''] = process.argv
  return [process.execPath, script]
}
