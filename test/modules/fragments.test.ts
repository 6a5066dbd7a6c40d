import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { UserError } from '../../src/errors.ts'
import type { AnyModule, Given } from '../../src/modules/definition/module.ts'
import { modules } from '../../src/modules/index.ts'
import { showCandidate } from '../../src/modules/placement/validation.ts'
import type { AnyKind, Key, Values, Reads } from '../../src/state/definition/key.ts'
import { facts } from '../../src/state/facts.ts'
import { clearPending, notePending, pending } from '../../src/state/pending-handlers.ts'
import type { Script } from '../../src/target/sh.ts'
import { asRoot, run, shells, type Circumstances, type Shell } from './harness.ts'
import { madeUpAnswers } from './made-up-answers.ts'
import { samples, type Sample } from './samples.ts'

const programs = [...modules.values()].filter((module) => module.type === 'module')

describe('the scripts of all modules', () => {
  const scripts = new Map<string, { script: Script; of: string }>()
  const questions = new Map<AnyKind, Map<string, unknown>>()

  before(() => {
    for (const module of programs) for (const sample of samples[module.name] ?? []) collect(module, sample)
    ask(facts.key({}))
    ask(pending.key({ play: "it's" }))
    for (const [kind, asked] of questions) {
      add(kind.read([...asked.values()]), `kind ${kind.name}`)
      for (const question of asked.values()) add(kind.read([question]), `kind ${kind.name}`)
    }
    add(notePending('play', ["it's", 'b']), 'notePending')
    add(clearPending('play', ["it's", 'b']), 'clearPending')
    add(showCandidate, 'showCandidate')
  })

  it('has samples for each module, and made-up answers for each kind', () => {
    const kinds = [...questions.keys()].map(({ name }) => name).filter((name) => !alone.includes(name))
    expect(Object.keys(samples).sort()).to.deep.equal([...modules.keys()].sort())
    expect(Object.keys(madeUpAnswers).sort()).to.deep.equal(kinds.sort())
  })

  it('covers the steps of every module that changes something', () => {
    const silent = programs.filter(
      ({ name }) => ![...scripts.values()].some(({ of }) => of === `module ${name}`),
    )
    expect(silent.map(({ name }) => name)).to.deep.equal(['deploy_status', 'stat'])
  })

  describe('syntax', () => {
    let directory: string
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'hostwright-fragments-'))
      ;[...scripts.values()].forEach(({ script, of }, index) => {
        writeFileSync(join(directory, `${index} ${of}`), `${script.text}\n`)
      })
    })
    after(() => {
      rmSync(directory, { recursive: true, force: true })
    })

    for (const shell of ['dash', 'busybox sh'])
      it(`passes ${shell} -n`, () => {
        complainNot(`for file in *; do ${shell} -n "$file" || echo "in $file"; done`)
      })

    it('passes shellcheck', () => {
      // the session sets $FILES, and quotes in a value are literal
      complainNot('shellcheck --shell=sh --format=gcc --exclude=SC2154,SC2089,SC2090 -- *')
    }).timeout(60_000)

    function complainNot(command: string): void {
      const done = spawnSync('dash', ['-c', command], { cwd: directory, maxBuffer: 64 * 1024 * 1024 })
      expect(done.stdout.toString() + done.stderr.toString()).to.equal('')
    }
  })

  describe('reads', () => {
    const answers = new Map<string, unknown>()

    for (const shell of shells)
      it(`reads the same answers under ${shell}`, () => {
        for (const kind of questions.keys()) {
          const answer = answered(kind, shell)
          if (!answers.has(kind.name)) answers.set(kind.name, answer)
          expect(answer, kind.name).to.deep.equal(answers.get(kind.name))
        }
      }).timeout(30_000)

    asRoot('reads the same answers on a read-only file system', function () {
      if (spawnSync('unshare', ['-m', 'true']).status !== 0) this.skip()
      for (const kind of questions.keys())
        expect(answered(kind, 'dash', { within: readOnly }), kind.name).to.deep.equal(answers.get(kind.name))
    }).timeout(30_000)

    function answered(kind: AnyKind, shell: Shell, circumstances: Circumstances = {}): unknown {
      if (!existsSync(needs[kind.name] ?? '/')) return 'not here'
      if (slow.includes(kind.name)) return 'too slow'
      const asked = [...(questions.get(kind)?.values() ?? [])]
      const { code, stdout, stderr } = run(kind.read(asked), shell, circumstances)
      expect(code, `${kind.name}: ${stderr}`).to.equal(0)
      return steady(kind.parse(stdout, asked))
    }
  })

  function collect(module: AnyModule, sample: Sample): void {
    const given: Given<object> = {
      ...module.params.parse(sample.given),
      ...(sample.source === undefined ? {} : { source: sample.source }),
    }
    const reads = module.reads(given)
    for (const key of Object.values(reads).flat()) if (key !== undefined) ask(key)
    for (const state of statesOf(reads)) {
      try {
        const changes = module.diff(state, given)
        for (const step of changes.length === 0 ? [] : module.apply(changes, given, state)) {
          add(step.script, `module ${module.name}`)
          if (step.validate !== undefined) add(step.validate, `module ${module.name}`)
        }
      } catch (error) {
        // some made-up states are impossible
        if (!(error instanceof UserError)) throw error
      }
    }
  }

  function ask(key: Key): void {
    const asked = questions.get(key.kind) ?? new Map<string, unknown>()
    questions.set(key.kind, asked.set(key.id, key.question))
  }

  /** Adds a script, and keeps only one of those that differ in their values only. */
  function add(script: Script, of: string): void {
    scripts.set(script.text.replaceAll(/'(?:[^']|'\\'')*'/g, "''").replaceAll(/('' )+/g, "'' "), {
      script,
      of,
    })
  }
})

/** Kinds that no module reads. */
const alone = ['facts', 'pending-handlers']

/** Kinds that cannot be read if these paths are missing. */
const needs: Readonly<Record<string, string>> = {
  unit: '/run/systemd/system',
  'unit-files': '/run/systemd/system',
  package: '/var/lib/dpkg/status',
}

/** Kinds that are only read on throw-away machines, because apt takes many seconds to plan an upgrade. */
const slow = ['apt-plan']

/** A command that runs a script in a view of this machine where only the script's private files are writable. */
const readOnly = [
  'unshare',
  '-m',
  'dash',
  '-c',
  `mount --bind "$FILES" "$FILES"
  while read -r _ place _; do
    place=$(printf '%b' "$place")
    case $place in /proc* | /sys* | /dev* | "$FILES") ;; *) mount -o remount,bind,ro "$place" 2>/dev/null || : ;; esac
  done </proc/mounts
  ! touch /tmp/hostwright-is-not-read-only 2>/dev/null || exit 99
  TMPDIR=$FILES exec "$@"`,
  'dash',
]

/** Returns every combination of the answers to the keys. All keys of one name have the same answer. */
function statesOf(reads: Reads): Values<Reads>[] {
  let states: Record<string, unknown>[] = [{}]
  for (const [name, keys] of Object.entries(reads))
    states = states.flatMap((state) => valuesOf(keys).map((value) => ({ ...state, [name]: value })))
  return states as unknown as Values<Reads>[]
}

function valuesOf(keys: Reads[string]): unknown[] {
  if (keys === undefined) return [undefined]
  if ('kind' in keys) return [...(madeUpAnswers[keys.kind.name] ?? [])]
  const [first] = keys
  if (first === undefined) return [[]]
  return valuesOf(first).map((value) => keys.map(() => value))
}

/**
 * Fields that change while other tests run: times, free memory, the size of a directory, interfaces of throw-away
 * machines. Also `writable`, because BusyBox assumes that root can write, even if the kernel forbids it.
 */
const passing =
  /^(date_time|uptime.*|mem.*|swap.*|age|mtime|links|size|all_ipv._addresses|interfaces|hw_.*|writable)$/

function steady(answers: readonly unknown[]): unknown {
  return JSON.parse(
    JSON.stringify(answers, (name, value: unknown) => {
      if (passing.test(name)) return undefined
      // curl says how long it tried to connect
      return typeof value === 'string' ? value.replace(/after \d+ ms/, 'after … ms') : value
    }),
  )
}
