import type { Machine } from '../../src/sandbox/index.ts'
import { connectBySsh } from '../../src/target/ssh/ssh-connection.ts'
import { machineAtPort } from './bench-machines.ts'
import type { Bench } from './bench.ts'
import { hostwright } from './contestants.ts'
import { startDelayProxy } from './delay-proxy.ts'
import type { Figure } from './figure.ts'
import { measure } from './measured-process.ts'

/** The delay in each direction, in milliseconds. */
const delay = 25

/**
 * Measures a run without changes on a distant host. The wire counts all round trips of the process. Those of the login,
 * up to the server's confirmation, are counted in a separate login with the same code over the same wire: the number
 * depends only on the two programs. Opening the shells is not part of the login.
 */
export async function roundTrips(bench: Bench): Promise<Figure[]> {
  const { machines, folder, signal, say, rounds = 3 } = bench
  const near = await machines.converged()
  const wire = await startDelayProxy({ host: near.address, port: near.port, delay })
  try {
    const far = await machineAtPort(near, wire.port, folder)
    const logins: number[] = []
    const after: number[] = []
    const seconds: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      signal.throwIfAborted()
      wire.mark()
      const login = await loginOver(far, wire)
      wire.mark()
      const measured = await measure(hostwright(far, []), signal)
      const total = wire.roundTrips()
      logins.push(login)
      after.push(total - login)
      seconds.push(measured.seconds)
      say(
        `${delay} ms each way: ${login} round trips to log in, ${total} in all, ${measured.seconds.toFixed(3)} s`,
      )
    }
    const name = `no-op, ${delay} ms each way`
    return [
      { name: `${name}: login`, values: logins, unit: 'round trips' },
      { name: `${name}: after login`, values: after, unit: 'round trips', target: 6 },
      { name: `${name}: whole run`, values: seconds, unit: 's' },
    ]
  } finally {
    await wire.close()
  }
}

async function loginOver(machine: Machine, wire: { roundTrips(): number }): Promise<number> {
  const connection = await connectBySsh({
    name: machine.name,
    connection: 'ssh',
    address: machine.address,
    port: machine.port,
    user: machine.user,
    privateKeyFiles: [machine.privateKeyFile],
    knownHostsFiles: [machine.knownHostsFile],
  })
  const count = wire.roundTrips()
  await connection.close()
  return count
}
