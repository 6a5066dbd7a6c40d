import { $ } from 'zx'

/** Names the run of all test files together for the processes that run them. */
process.env['HOSTWRIGHT_TEST_RUN'] = String(process.pid)
const { removeConvergedSites } = await import('./converged-site.ts')

// Ctrl-C ends the tests; what they made is removed then.
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
