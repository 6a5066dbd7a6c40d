import { ExitCode, NothingMatchedError } from '../../errors.ts'
import type { Machine } from '../../sandbox/machine/machine.ts'
import { interruptible } from '../interruption.ts'
import { runOptions } from '../options/run-options.ts'
import { verbatim } from '../options/verbatim.ts'
import { progressOn } from '../terminal.ts'
import { defineAction, defineCommandGroup } from './define-command.ts'

const isolation = `Isolation: root in a machine is an ordinary user on your computer. A machine can connect to the internet, to your other machines, and to the name servers and package mirrors that your computer uses. It cannot connect to other services of your computer or its networks unless you start it with --network open. Only your computer and your other machines can connect to it.

If the kernel has no user namespaces, there is no isolation: root in a machine is root on your computer. Run only your own code there. "sandbox up" prints a warning in this case.`

/** `hostwright sandbox up|list|ssh|down`. */
export const sandboxCommand = defineCommandGroup({
  name: 'sandbox',
  describe: 'Manage throw-away machines',
  missingArgument: 'no machine name given',
  actions: {
    up: defineAction({
      describe: 'Start a machine',
      positionals: { name: { type: 'string', demandOption: true, describe: 'Name of the machine' } },
      options: {
        debian: { choices: ['bookworm', 'trixie'], default: 'bookworm', describe: 'Debian release' },
        fresh: { type: 'boolean', default: false, describe: 'Replace an existing machine of this name' },
        network: runOptions.network,
      },
      run: async ({ name, debian, fresh, network }, terminal) => {
        const { up } = await import('../../sandbox/index.ts')
        const onProgress = progressOn(terminal)
        const machine = await interruptible(terminal, (signal) =>
          up(name, { release: debian, fresh, network, onProgress, signal }),
        )
        terminal.stdout.print(describe(machine))
        return ExitCode.done
      },
    }),
    list: defineAction({
      describe: 'List the machines',
      run: async (_options, terminal) => {
        const { crashed, list } = await import('../../sandbox/index.ts')
        for (const machine of await list()) terminal.stdout.print(describe(machine))
        for (const name of await crashed()) terminal.stdout.print(`${name}  crashed; ${removal(name)}`)
        return ExitCode.done
      },
    }),
    ssh: defineAction({
      describe: 'Log in to a machine as root',
      positionals: {
        name: { type: 'string', demandOption: true, describe: 'Name of the machine' },
        command: {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'Command to run, after -- if it has options; default: a shell',
        },
      },
      hasVerbatim: true,
      run: async (options) => {
        const { find } = await import('../../sandbox/index.ts')
        const machine = await find(options.name)
        if (machine === undefined) throw notRunning(options.name)
        return logIn(machine, [...options.command, ...verbatim(options)])
      },
    }),
    down: defineAction({
      describe: 'Remove machines and their data',
      positionals: {
        name: { type: 'string', array: true, demandOption: true, describe: 'Names of the machines' },
      },
      run: async ({ name }) => {
        const { down } = await import('../../sandbox/index.ts')
        const ends = await Promise.allSettled(name.map(down))
        const failed = ends.find((end) => end.status === 'rejected')
        if (failed !== undefined) throw failed.reason
        return ExitCode.done
      },
    }),
  },
  epilogue: isolation,
})

function describe(machine: Machine): string {
  return `${machine.name}  ${machine.release}  ${machine.user}@${machine.address}`
}

function removal(name: string): string {
  return `remove it with hostwright sandbox down ${name}`
}

function notRunning(name: string): NothingMatchedError {
  return new NothingMatchedError(`no machine ${name} is running`, 'run hostwright sandbox list')
}

async function logIn(machine: Machine, command: readonly string[]): Promise<ExitCode> {
  const { spawn } = await import('node:child_process')
  const options = ['-F', '/dev/null', '-i', machine.privateKeyFile, '-p', String(machine.port)]
  const pinned = ['-o', `UserKnownHostsFile=${machine.knownHostsFile}`, '-o', 'StrictHostKeyChecking=yes']
  const client = spawn('ssh', [...options, ...pinned, `root@${machine.address}`, ...command], {
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    client.once('error', reject)
    client.once('close', (code) => {
      resolve(code === 0 ? ExitCode.done : ExitCode.failed)
    })
  })
}
