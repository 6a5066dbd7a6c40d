/** Names the run of all test files together for the processes that run them; its pid is part of what they make. */
process.env['HOSTWRIGHT_TEST_RUN'] ??= String(process.pid)

export async function mochaGlobalTeardown(): Promise<void> {
  const { removeConvergedSites } = await import('./converged-site.ts')
  await removeConvergedSites()
}
