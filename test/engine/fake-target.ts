import type { Script } from '../../src/target/sh.ts'
import type { Batch, Outcome, Target } from '../../src/target/target.ts'

/** What a script does to the machine and comes to; code 0 and no output where it does not say. */
export type Program = () => Partial<Outcome> | undefined

/**
 * A machine in memory. It holds things, each with a value, and runs the scripts that a test made for it: lines that
 * get and set things, and programs.
 */
export class FakeTarget implements Target {
  readonly name = 'fake'
  readonly things: Map<string, string>
  /** Every batch that was run, in order. */
  readonly batches: Batch[] = []
  /** Every script that was run, in order, as text; combined ones taken apart. */
  readonly ran: string[] = []
  readonly #programs = new Map<string, Program>()

  constructor(things: Readonly<Record<string, string>> = {}) {
    this.things = new Map(Object.entries(things))
  }

  /** Returns a script of one line that runs this program here. */
  script(line: string, program: Program = () => undefined): Script {
    this.on(scriptOf(line), program)
    return scriptOf(line)
  }

  /** Runs the program in the place of a real script. */
  on(script: Script, program: Program): void {
    this.#programs.set(script.text, program)
  }

  async run(batch: Batch): Promise<readonly Outcome[]> {
    this.batches.push(batch)
    const outcomes: Outcome[] = []
    for (const script of batch.scripts) {
      // others get to work while a script runs
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
    // the journal of notified handlers, which is always empty here
    return text.includes('/pending-handlers') ? silent : this.#lines(text)
  }

  /** Prints what a combined script prints: the output of each part between its marks. */
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

/** The scripts that a combined one holds; undefined where it is none. */
function partsOf(text: string): string[] | undefined {
  const parts = [...text.matchAll(/^\(\nFILES=\$FILES\/\d+\n(.*?)\n\) >"\$FILES\/\.out\d+"/gms)]
  return parts.length === 0 ? undefined : parts.map(([, part = '']) => part)
}
