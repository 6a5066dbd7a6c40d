import type { Printer } from './printer.ts'
import type { Text } from './style.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Milliseconds between two frames. */
const interval = 100

/**
 * Shows the running tasks, with their elapsed time, in the last line of a terminal; everything else is printed above
 * it.
 */
export class LiveLine {
  readonly #printer: Printer
  readonly #running = new Map<string, { task: string; since: number }>()
  #timer: NodeJS.Timeout | undefined
  #frame = 0
  #drawn = false
  /** Output that waits while a prompt uses the terminal. */
  #held: readonly Text[] | undefined

  constructor(printer: Printer) {
    this.#printer = printer
  }

  begin(host: string, task: string): void {
    this.#running.set(host, { task, since: performance.now() })
    this.#timer ??= setInterval(() => {
      this.#frame += 1
      this.#draw()
    }, interval).unref()
  }

  finish(host: string): void {
    this.#running.delete(host)
    if (this.#running.size === 0) this.end()
  }

  print(lines: readonly Text[]): void {
    if (this.#held !== undefined) {
      this.#held = [...this.#held, ...lines]
      return
    }
    this.#erase()
    this.#printer.printAll(lines)
    if (this.#timer !== undefined) this.#draw()
  }

  /** Does work that uses the terminal, such as a prompt, and holds back output until it is done. */
  async quietly<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#erase()
    this.#held = []
    try {
      return await work()
    } finally {
      const lines = this.#held
      this.#held = undefined
      this.print(lines)
    }
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#running.clear()
    this.#erase()
  }

  #draw(): void {
    if (this.#held !== undefined) return
    this.#erase()
    const [first] = this.#running
    if (first === undefined) return
    const [host, { task, since }] = first
    const others = this.#running.size > 1 ? ` and ${this.#running.size - 1} more` : ''
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    const frame = frames[this.#frame % frames.length] ?? ''
    this.#printer.draw(` ${frame} ${seconds} s  ${host}${others}  ${task}`)
    this.#drawn = true
  }

  #erase(): void {
    if (this.#drawn) this.#printer.erase()
    this.#drawn = false
  }
}
