/** The recap of a run, ours or one of Ansible: throws where it counts a change, or is not there. */
export function insistOnNoChange(name: string, stdout: string): void {
  const counts = [...stdout.matchAll(/\bchanged=(\d+)/g)].map(([, count]) => Number(count))
  if (counts.length === 0 || counts.some((count) => count > 0)) {
    throw new Error(`${name} should have changed nothing:\n${stdout}`)
  }
}
