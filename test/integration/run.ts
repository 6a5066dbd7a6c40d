import { $ } from 'zx'

/** The name of the whole test run, for the processes that run its files. */
process.env['HOSTWRIGHT_TEST_RUN'] = String(process.pid)
const { removeConvergedSites } = await import('./converged-site.ts')

// After Ctrl-C, the tests end, and their machines and snapshots are removed.
process.on('SIGINT', () => undefined)
const visibly = $({ stdio: 'inherit', verbose: false, nothrow: true })
try {
  for (const config of ['.mocharc.measured.json', '.mocharc.integration.json']) {
    const { exitCode } = await visibly`mocha --config ${config}`
    process.exitCode = Number(process.exitCode ?? 0) + (exitCode ?? 1)
  }
} finally {
  await removeConvergedSites()
}
