import { join } from 'node:path'

import type { Bench } from './bench.ts'
import { consumptionIn, recordingConsumption } from './consumption.ts'
import { ansible, floor, hostwright } from './contestants.ts'
import type { Figure } from './figure.ts'
import { measure, type Command } from './measured-process.ts'
import { insistOnNoChange } from './recap.ts'

interface Contestant {
  readonly name: string
  readonly command: Command
  readonly rounds: number
  readonly target?: number
  /** True if the output ends with a recap, which counts the changes. */
  readonly recap: boolean
}

export interface NoOpContestants {
  readonly hostwright: boolean
  readonly ansible: boolean
}

/** Measures all contestants side by side on one machine without changes. */
export async function noOp(bench: Bench, who: NoOpContestants): Promise<Figure[]> {
  const { machines, folder, signal, say, rounds = who.hostwright ? 15 : 2 } = bench
  const machine = await machines.converged()
  const byHand: Contestant = {
    name: 'floor, one script over ssh',
    command: floor(machine),
    rounds,
    recap: false,
  }
  const ours: Contestant[] = [
    { name: 'hostwright run', command: hostwright(machine, []), rounds, target: 2, recap: true },
    {
      name: 'hostwright run --check --diff',
      command: hostwright(machine, ['--check', '--diff']),
      rounds,
      target: 2,
      recap: true,
    },
  ]
  const theirs: Contestant = {
    name: 'ansible-playbook',
    command: ansible(machine, folder),
    rounds: Math.min(rounds, 2),
    recap: true,
  }
  const contestants = [byHand, ...(who.hostwright ? ours : []), ...(who.ansible ? [theirs] : [])]

  // Ansible needs Python on the machine, and must find nothing else to change.
  if (who.ansible) {
    await measure(theirs.command, signal)
    const after = await measure(hostwright(machine, []), signal)
    insistOnNoChange('hostwright run after Ansible', after.stdout)
  }

  const seconds = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of contestants.filter((one) => round < one.rounds)) {
      const measured = await measure(contestant.command, signal)
      if (contestant.recap) insistOnNoChange(contestant.name, measured.stdout)
      seconds.get(contestant)?.push(measured.seconds)
      say(`no-op, ${contestant.name}: ${measured.seconds.toFixed(3)} s`)
    }
  }

  const figures: Figure[] = []
  for (const [{ name, target }, values] of seconds) {
    const [first] = figures
    figures.push({
      name: `no-op: ${name}`,
      values,
      unit: 's',
      ...(first === undefined ? {} : { floor: first }),
      ...(target === undefined ? {} : { target }),
    })
  }
  return who.hostwright ? [...figures, await memoryOf(bench)] : figures
}

async function memoryOf({ machines, folder, signal }: Bench): Promise<Figure> {
  const status = join(folder, 'no-op')
  const values: number[] = []
  for (let round = 0; round < 3; round += 1) {
    await measure(hostwright(await machines.converged(), [], recordingConsumption(status)), signal)
    values.push((await consumptionIn(status)).peakMemory)
  }
  return { name: 'no-op: memory of hostwright', values, unit: 'MB', target: 150 }
}
