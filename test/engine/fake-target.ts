import { staleReading } from '../../src/state/swap/stale-reading.ts'
import type { Script } from '../../src/target/sh.ts'
import type { Batch, Outcome, Target } from '../../src/target/target.ts'

/** A program of the fake machine. The default result is code 0 without output. */
export type Program = () => Partial<Outcome> | undefined

/**
 * A machine in memory. It holds things, each with a value, and runs scripts of tests: lines that get and set things,
 * and programs.
 */
export class FakeTarget implements Target {
  readonly name = 'fake'
  readonly things: Map<string, string>
  /** All batches, in order. */
  readonly batches: Batch[] = []
  /** The text of all scripts, in order; combined scripts are split. */
  readonly ran: string[] = []
  /** Called before a script compares and replaces a thing: another process has its turn. */
  meanwhile: ((line: string) => void) | undefined
  readonly #programs = new Map<string, Program>()

  constructor(things: Readonly<Record<string, string>> = {}) {
    this.things = new Map(Object.entries(things))
  }

  /** Returns a script of one line that runs this program. */
  script(line: string, program: Program = () => undefined): Script {
    this.on(scriptOf(line), program)
    return scriptOf(line)
  }

  /** Runs the program instead of a real script. */
  on(script: Script, program: Program): void {
    this.#programs.set(script.text, program)
  }

  async run(batch: Batch): Promise<readonly Outcome[]> {
    this.batches.push(batch)
    const outcomes: Outcome[] = []
    for (const script of batch.scripts) {
      // Other hosts can work while a script runs.
      await new Promise((resolve) => setImmediate(resolve))
      const guarded = batch.guard === undefined ? undefined : this.#outcomeOf(batch.guard.text)
      if (guarded !== undefined && guarded.code !== 0) {
        outcomes.push({ ...guarded, code: 125, stopped: true })
        break
      }
      this.ran.push(...(partsOf(script.text) ?? [script.text]))
      const outcome = this.#outcomeOf(script.text)
      outcomes.push(outcome)
      if (outcome.code !== 0) break
    }
    return outcomes
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #outcomeOf(text: string): Outcome {
    const program = this.#programs.get(text)
    if (program !== undefined) return { ...silent, ...program() }
    const parts = partsOf(text)
    if (parts !== undefined) return this.#combined(text, parts)
    // The records of notified handlers and the search for other writers, which find nothing here.
    return text.includes('/pending-handlers') || text.startsWith('cd /proc ') ? silent : this.#lines(text)
  }

  /** Prints the output of a combined script: that of each part between marks. */
  #combined(text: string, parts: readonly string[]): Outcome {
    const [mark] = /hostwright-[0-9a-f]{24}/.exec(text) ?? []
    const printed = parts.map((part) => {
      const { stdout, stderr, code } = this.#outcomeOf(part)
      return `${stdout}${mark} out\n${stderr}${mark} code ${code}\n`
    })
    return { ...silent, stdout: printed.join('') }
  }

  #lines(text: string): Outcome {
    let stdout = ''
    for (const line of text.split('\n')) {
      const [word = '', name = '', ...value] = line.split(' ')
      const program = this.#programs.get(line)
      if (program !== undefined) {
        const outcome = { ...silent, ...program() }
        stdout += outcome.stdout
        if (outcome.code !== 0) return { ...outcome, stdout }
      } else if (word === 'swap') {
        this.meanwhile?.(line)
        const [before = '', after = ''] = value
        if ((this.things.get(name) ?? 'absent') !== before)
          return { ...silent, code: staleReading, stderr: `${name} has changed since it was read\n`, stdout }
        this.things.set(name, after)
      } else stdout += this.#line(line, word, name, value.join(' '))
    }
    return { ...silent, stdout }
  }

  #line(line: string, word: string, name: string, value: string): string {
    switch (word) {
      case 'get':
        return `${this.things.get(name) ?? 'absent'}\n`
      case 'count':
        return `${this.things.size}\n`
      case 'set':
        this.things.set(name, value)
        return ''
      case 'append':
        this.things.set(name, `${this.things.get(name) ?? ''}${value}`)
        return ''
      case 'remove':
        this.things.delete(name)
        return ''
      case 'export':
        return ''
      default:
        throw new Error(`the fake machine does not know: ${line}`)
    }
  }
}

const silent: Outcome = { code: 0, stdout: '', stderr: '', timedOut: false }

export function scriptOf(text: string): Script {
  return { text, attachments: new Map() }
}

/** Splits a combined script; returns undefined for any other script. */
function partsOf(text: string): string[] | undefined {
  const parts = [...text.matchAll(/^\(\n(.*?)\n\) >"\$FILES\.out\d+"/gms)]
  return parts.length === 0 ? undefined : parts.map(([, part = '']) => part)
}
