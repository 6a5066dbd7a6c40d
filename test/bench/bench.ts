import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { BenchMachines } from './bench-machines.ts'
import { controllerCpu } from './controller-cpu.ts'
import { isMet, tableOf, type Figure } from './figure.ts'
import { firstRun } from './first-run.ts'
import { manyHosts } from './many-hosts.ts'
import { noOp } from './no-op.ts'
import { ensureAnsible } from './prerequisites.ts'
import { roundTrips } from './round-trips.ts'

/** The shared environment of all parts of the benchmark. */
export interface Bench {
  readonly machines: BenchMachines
  /** The folder for its files, which is removed at the end. */
  readonly folder: string
  /** The number of measurements, if it differs from the part's own number. */
  readonly rounds: number | undefined
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const parts = ['noop', 'cpu', 'ansible', 'proxy', 'first', 'hosts'] as const
type Part = (typeof parts)[number]

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    controller.abort(new Error(`stopped by ${signal}`))
  })
}
try {
  const { rounds, chosen } = optionsOf(process.argv.slice(2))
  warnOfCompany()
  report(await bench(chosen, rounds, controller.signal))
} catch (error) {
  say(controller.signal.aborted ? String(controller.signal.reason) : describe(error))
  process.exitCode = controller.signal.aborted ? 130 : 1
}

function optionsOf(argv: string[]): { rounds: number | undefined; chosen: ReadonlySet<Part> } {
  const { values } = parseArgs({
    args: argv,
    options: { rounds: { type: 'string' }, only: { type: 'string', multiple: true } },
  })
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error('--rounds takes a number from 1')
  }
  return { rounds, chosen: new Set(values.only?.map(partNamed) ?? parts) }
}

function partNamed(name: string): Part {
  const part = parts.find((known) => known === name)
  if (part === undefined) throw new Error(`--only takes one of ${parts.join(', ')}`)
  return part
}

async function bench(
  chosen: ReadonlySet<Part>,
  rounds: number | undefined,
  signal: AbortSignal,
): Promise<Figure[]> {
  const machines = new BenchMachines(signal, say)
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const context: Bench = { machines, folder, rounds, signal, say }
  const who = { hostwright: chosen.has('noop'), ansible: chosen.has('ansible') }
  const figures: Figure[] = []
  try {
    if (who.ansible) await ensureAnsible(signal, say)
    if (who.hostwright || who.ansible) figures.push(...(await noOp(context, who)))
    if (chosen.has('cpu')) figures.push(...(await controllerCpu(context)))
    if (chosen.has('proxy')) figures.push(...(await roundTrips(context)))
    if (chosen.has('first')) figures.push(...(await firstRun(context)))
    if (chosen.has('hosts')) figures.push(...(await manyHosts(context)))
    return figures
  } finally {
    await machines.downAll()
    await rm(folder, { recursive: true })
  }
}

/** Warns about other load, which slows the two sides of a comparison down differently: machines have their own share. */
function warnOfCompany(): void {
  const [load = 0] = loadavg()
  if (load > availableParallelism() / 2) {
    say(`the load average is ${load.toFixed(1)}: ratios of times mean little until this computer is idle`)
  }
}

function report(figures: readonly Figure[]): void {
  const missed = figures.filter((figure) => isMet(figure) === false)
  process.stdout.write(`${tableOf(figures)}\n`)
  process.stdout.write(
    missed.length === 0
      ? 'Every target is met.\n'
      : `Targets missed: ${missed.map(({ name }) => name).join('; ')}.\n`,
  )
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
