import type { CommandModule } from 'yargs'

import { ExitCode, NothingMatchedError } from '../../errors.ts'
import type { Machine } from '../../sandbox/machine/machine.ts'
import type { Finish } from '../finish.ts'
import { interruptible } from '../interruption.ts'
import { runOptions } from '../options/run-options.ts'
import type { Terminal } from '../terminal.ts'

const isolation = `Isolation: root in a machine is an ordinary user on your computer. A machine can connect to the internet, to your other machines, and to the name servers and package mirrors that your computer uses. It cannot connect to other services of your computer or its networks unless you bring it up with --network open. Only your computer and your other machines can connect to it.

If the kernel has no user namespaces, there is no isolation: root in a machine is root on your computer. Run only your own code there. "sandbox up" tells you when this is the case.`

/** `hostwright sandbox`: throw-away machines to try things on. */
export function sandboxCommand(terminal: Terminal, finish: Finish): CommandModule {
  return {
    command: 'sandbox <action>',
    describe: 'Throw-away machines to rehearse on',
    builder: (yargs) =>
      yargs
        .command(
          'up <name>',
          'Bring up a machine',
          (options) =>
            options
              .positional('name', { type: 'string', demandOption: true, describe: 'Its name' })
              .option('release', {
                choices: ['bookworm', 'trixie'] as const,
                default: 'bookworm' as const,
                describe: 'Its Debian',
              })
              .option('fresh', {
                type: 'boolean',
                default: false,
                describe: 'Replace a machine of this name',
              })
              .option('network', runOptions.network),
          async ({ name, release, fresh, network }) => {
            const { up } = await import('../../sandbox/index.ts')
            const onProgress = progressOn(terminal)
            const machine = await interruptible(terminal, (signal) =>
              up(name, { release, fresh, network, onProgress, signal }),
            )
            terminal.stdout.print(describe(machine))
          },
        )
        .command('list', 'List the machines', {}, async () => {
          const { crashed, list } = await import('../../sandbox/index.ts')
          for (const machine of await list()) terminal.stdout.print(describe(machine))
          for (const name of await crashed()) terminal.stdout.print(`${name}  crashed; ${removal(name)}`)
        })
        .command(
          'ssh <name> [command..]',
          'Log in to a machine as root',
          (options) =>
            options
              .parserConfiguration({ 'populate--': true })
              .positional('name', { type: 'string', demandOption: true, describe: 'Its name' })
              .positional('command', {
                type: 'string',
                array: true,
                default: [] as string[],
                describe: 'What to run there, after -- if it has options; a shell if nothing is named',
              }),
          async ({ name, command, '--': verbatim }) => {
            const { find } = await import('../../sandbox/index.ts')
            const machine = await find(name)
            if (machine === undefined) throw notUp(name)
            finish(await logIn(machine, [...command, ...((verbatim as string[] | undefined) ?? [])]))
          },
        )
        .command(
          'down <name..>',
          'Remove machines and everything of them',
          (options) =>
            options.positional('name', {
              type: 'string',
              array: true,
              demandOption: true,
              describe: 'Their names',
            }),
          async ({ name }) => {
            const { down } = await import('../../sandbox/index.ts')
            const ends = await Promise.allSettled(name.map(down))
            const failed = ends.find((end) => end.status === 'rejected')
            if (failed !== undefined) throw failed.reason
          },
        )
        .epilogue(isolation)
        .demandCommand(1)
        .strict(),
    handler: () => undefined,
  }
}

/** Lines about what takes time, beside the output. */
export function progressOn(terminal: Terminal): (line: string) => void {
  return (line) => {
    terminal.stderr.print(line)
  }
}

function describe(machine: Machine): string {
  return `${machine.name}  ${machine.release}  ${machine.user}@${machine.address}`
}

function removal(name: string): string {
  return `hostwright sandbox down ${name} removes what is left of it`
}

function notUp(name: string): NothingMatchedError {
  return new NothingMatchedError(
    `there is no machine ${name}`,
    'hostwright sandbox list shows those that are up',
  )
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
