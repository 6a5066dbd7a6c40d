/** Checks the recap of a run of Hostwright or Ansible. Throws if it counts a change or is missing. */
export function insistOnNoChange(name: string, stdout: string): void {
  const counts = [...stdout.matchAll(/\bchanged=(\d+)/g)].map(([, count]) => Number(count))
  if (counts.length === 0 || counts.some((count) => count > 0)) {
    throw new Error(`${name} should have changed nothing:\n${stdout}`)
  }
}
