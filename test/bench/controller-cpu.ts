import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Bench } from './bench.ts'
import { hostwright } from './contestants.ts'
import type { Figure } from './figure.ts'
import { measure, type Command } from './measured-process.ts'
import { insistOnNoChange } from './recap.ts'

interface Contestant {
  readonly name: string
  readonly command: Command
  readonly values: number[]
  readonly changesNothing?: true
}

/** Measures the CPU time of the controller for one host without changes, beyond that of starting Node.js. */
export async function controllerCpu({
  machines,
  folder,
  signal,
  say,
  rounds = 15,
}: Bench): Promise<Figure[]> {
  const machine = await machines.converged()
  const start: Contestant = {
    name: 'node -e 0',
    command: { program: process.execPath, argv: ['-e', '0'] },
    values: [],
  }
  const ours: Contestant[] = [
    { name: 'hostwright run', command: hostwright(machine, []), values: [], changesNothing: true },
    { name: 'hostwright run --syntax-check', command: hostwright(machine, ['--syntax-check']), values: [] },
  ]
  // the first run fills the caches
  for (const { command } of ours) await measure(command, signal)

  const file = join(folder, 'cpu-time')
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, command, values, changesNothing } of [start, ...ours]) {
      const { stdout } = await measure(recordingCpuTime(file, command), signal)
      if (changesNothing === true) insistOnNoChange(name, stdout)
      const seconds = await cpuTime(file)
      values.push(seconds)
      say(`CPU time, ${name}: ${seconds.toFixed(3)} s`)
    }
  }
  const floor: Figure = { name: `CPU time: ${start.name}`, values: start.values, unit: 's' }
  const figures = ours.map(({ name, values }): Figure => ({
    ...{ name: `CPU time: ${name}`, values, unit: 's' as const },
    ...{ floor, target: 5 },
  }))
  return [floor, ...figures]
}

/** Returns the command under bash, which writes the CPU time of the command and its child processes to a file. */
function recordingCpuTime(file: string, { program, argv, ...others }: Command): Command {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" 2>&3; } 3>&2 2>"$0"'
  return { ...others, program: 'bash', argv: ['-c', script, file, program, ...argv] }
}

async function cpuTime(file: string): Promise<number> {
  const [user, system] = (await readFile(file, 'utf8')).trim().split(' ').map(Number)
  if (!(Number(user) + Number(system) > 0)) throw new Error(`${file} tells no CPU time`)
  return Number(user) + Number(system)
}
