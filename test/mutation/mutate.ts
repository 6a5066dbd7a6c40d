import { parseArgs } from 'node:util'
import pLimit from 'p-limit'

import { importGraph } from '../structure/import-graph.ts'
import { compiles } from './compiles.ts'
import { isEquivalent } from './equivalent.ts'
import { executionsOf, parse } from './executed-tests.ts'
import { mutationsOf } from './mutations-of.ts'
import { areas, projectFolder } from './places.ts'
import { areasBelow, describe, required, tableOf, type Tried } from './report.ts'
import { reviewMutations } from './review-mutations.ts'
import { sampleOf } from './sample.ts'
import { takeSnapshot } from './snapshot.ts'
import { tryMutation } from './trial.ts'

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})

const place = takeSnapshot()
const graph = importGraph(projectFolder, ['src', 'test'])
const chosen = mutationsToTry()
say(`${chosen.length} mutants`)
const sources = new Set(chosen.map(({ mutation }) => mutation.file))
const executions = await executionsOf(place, graph, sources, say)
const tried = await tryAll()
const below = areasBelow(tried)
const survivors = tried.filter(({ verdict }) => verdict.type === 'survived')
process.stdout.write(`\n${tableOf(tried)}\n\n${survivors.map((one) => `${describe(one)}\n`).join('')}`)
if (below.length > 0) process.stdout.write(`\nless than ${required} % caught: ${below.join(', ')}\n`)
process.exitCode = below.length === 0 ? 0 : 1

function mutationsToTry(): Pick<Tried, 'area' | 'mutation'>[] {
  const files = [...graph.keys()].filter((file) => file.startsWith(options.only)).sort()
  const generated = areas.flatMap((area) => {
    const all = files
      .filter((file) => area.includes(file))
      .flatMap((file) => mutationsOf(parse(place, file), file))
      .filter((mutation) => !isEquivalent(mutation))
    return sampleOf(all, Number(options.sample), Number(options.seed)).map((mutation) => ({
      area: area.name,
      mutation,
    }))
  })
  const written = reviewMutations((file) => parse(place, file)).filter(({ file }) =>
    file.startsWith(options.only),
  )
  return [...written.map((mutation) => ({ area: 'code review', mutation })), ...generated]
}

async function tryAll(): Promise<Tried[]> {
  const limit = pLimit(Number(options.jobs))
  return Promise.all(
    chosen.map(({ area, mutation }) =>
      limit(async (): Promise<Tried> => {
        const verdict = await tryMutation(place, mutation, graph, executions)
        const isRefused = verdict.type === 'survived' && !compiles(place, mutation)
        const one: Tried = {
          ...{ area, mutation },
          verdict: isRefused ? { type: 'caught', by: 'the compiler' } : verdict,
        }
        if (options.verbose || one.verdict.type === 'survived') say(describe(one))
        return one
      }),
    ),
  )
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}
