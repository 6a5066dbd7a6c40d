import { join } from 'node:path'

import type { Machine } from '../../src/sandbox/index.ts'
import type { Bench } from './bench.ts'
import { consumptionIn, recordingConsumption } from './consumption.ts'
import { hostwright, install } from './contestants.ts'
import type { Figure } from './figure.ts'
import { measure, type Command } from './measured-process.ts'
import { insistOnNoChange } from './recap.ts'

/** Measures first runs on bare machines of the same image; each downloads every package itself. */
export async function firstRun({ machines, folder, rounds = 3, signal, say }: Bench): Promise<Figure[]> {
  const byHand: number[] = []
  const ours: number[] = []
  const memory: number[] = []
  const status = join(folder, 'first-run')

  const timed = async (name: string, command: (machine: Machine) => Command, seconds: number[]) => {
    const machine = await machines.fresh()
    const measured = await measure(command(machine), signal)
    seconds.push(measured.seconds)
    say(`first run, ${name}: ${measured.seconds.toFixed(1)} s`)
    const again = await measure(hostwright(machine, []), signal)
    insistOnNoChange(`hostwright run after the first run ${name}`, again.stdout)
    await machines.down(machine)
  }
  const contestants = [
    () => timed('by hand', install, byHand),
    async () => {
      await timed('hostwright', (machine) => hostwright(machine, [], recordingConsumption(status)), ours)
      memory.push((await consumptionIn(status)).peakMemory)
    },
  ]
  for (let round = 0; round < rounds; round += 1) {
    // the second run finds the packages in caches of the network, so the order alternates
    const order = round % 2 === 0 ? contestants : contestants.toReversed()
    for (const contestant of order) await contestant()
  }

  const floor: Figure = { name: 'first run: by hand, one apt transaction', values: byHand, unit: 's' }
  return [
    floor,
    { name: 'first run: hostwright run', values: ours, unit: 's', floor, target: 1.3 },
    { name: 'first run: memory of hostwright', values: memory, unit: 'MB', target: 150 },
  ]
}
