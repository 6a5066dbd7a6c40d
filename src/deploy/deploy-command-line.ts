/**
 * Returns the command line with which `watch` and the hook deploy a tag: it waits for the lock, and never replaces a later
 * version.
 */
export function tagDeploy(tag: string, options: readonly string[]): string[] {
  return [...hostwright(), 'deploy', `--tag=${tag}`, '--only-newer', ...lockWait(options), ...options]
}

function lockWait(options: readonly string[]): string[] {
  return options.some((option) => /^--lock-?wait(=|$)/i.test(option)) ? [] : ['--lock-wait', '900']
}

/** Returns the command line that starts this program again. */
export function hostwright(): string[] {
  const [, script = ''] = process.argv
  return [process.execPath, script]
}
