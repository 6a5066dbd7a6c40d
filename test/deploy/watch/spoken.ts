import { EventEmitter, on } from 'node:events'

/** Collects printed lines, and waits for them. */
export class Spoken {
  readonly lines: string[] = []
  readonly #events = new EventEmitter()

  readonly say = (line: string): void => {
    this.lines.push(line)
    this.#events.emit('line', line)
  }

  /** Returns the first line that matches, and waits for it if necessary. */
  async until(pattern: RegExp): Promise<string> {
    const spoken = this.lines.find((line) => pattern.test(line))
    if (spoken !== undefined) return spoken
    for await (const [line] of on(this.#events, 'line') as AsyncIterable<[string]>)
      if (pattern.test(line)) return line
    throw new Error(`no line matched ${String(pattern)}`)
  }
}
