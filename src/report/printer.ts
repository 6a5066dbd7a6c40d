import type { Paint, Text } from './style.ts'
import { plain } from './style.ts'
import { visible, visibleJson, visibleLine } from './visible.ts'

/** The stream behind a printer. */
export interface Output {
  write(text: string | Buffer): unknown
  on?(event: 'error', listener: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface PrinterOptions {
  readonly paint?: Paint
  /** Puts a mark in the place of every secret. */
  readonly mask?: (text: string) => string
}

/**
 * The one way to the eyes of people. It masks secrets and shows control characters; the only ones that reach the
 * terminal are its own colours and movements.
 */
export class Printer {
  readonly #output: Output
  readonly #paint: Paint
  readonly #mask: (text: string) => string

  constructor(output: Output, { paint = plain, mask = (text) => text }: PrinterOptions = {}) {
    this.#output = output
    this.#paint = paint
    this.#mask = mask
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true
  }

  get columns(): number {
    return this.#output.columns ?? 80
  }

  /** Each text with the end of a line. */
  print(...texts: readonly Text[]): void {
    if (texts.length > 0) this.#output.write(texts.map((text) => `${this.#shown(text)}\n`).join(''))
  }

  /** One line of JSON. */
  json(value: object): void {
    const masked = JSON.stringify(value, (_name, part: unknown) =>
      typeof part === 'string' ? this.#mask(part) : part,
    )
    this.#output.write(`${visibleJson(masked)}\n`)
  }

  /** A question, behind which the answer is typed; what follows its first line is set off. */
  question(text: string): void {
    this.#output.write(visible(this.#mask(text)).replaceAll('\n', '\n  | '))
  }

  /** What a line editor draws while the answer is typed. */
  echo(keys: Buffer): void {
    this.#output.write(keys)
  }

  /** A line that fits into the terminal and is erased later. */
  draw(line: string): void {
    this.#output.write(visibleLine(this.#mask(line)).slice(0, this.columns - 1))
  }

  /** Empties the line of the cursor. */
  erase(): void {
    this.#output.write('\r\u001b[K')
  }

  /** Whoever read this may be gone. */
  ignoreErrors(): void {
    this.#output.on?.('error', () => undefined)
  }

  #shown(text: Text): string {
    if (typeof text === 'string') return visible(this.#mask(text))
    if ('style' in text) return this.#paint(text.style, visible(this.#mask(text.text)))
    return text.map((part) => this.#shown(part)).join('')
  }
}
