import type { Paint, Text } from './style.ts'
import { plain } from './style.ts'
import { visible, visibleJson, visibleLine } from './visible.ts'

/** The stream behind a printer. */
export interface Output {
  write(text: string | Buffer): unknown
  readonly isTTY?: boolean
  readonly columns?: number | undefined
}

export interface PrinterOptions {
  readonly paint?: Paint
  /** Replaces every secret with a mark. */
  readonly mask?: (text: string) => string
}

/**
 * Prints all output for people. It masks secrets and escapes control characters; the only ones that reach the
 * terminal are its own colors and cursor movements.
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

  /** Prints each string and a newline. */
  print(...texts: readonly Text[]): void {
    this.printAll(texts)
  }

  /** Prints like `print`, but also more strings than a call can have arguments. */
  printAll(texts: readonly Text[]): void {
    if (texts.length > 0) this.#output.write(texts.map((text) => `${this.#shown(text)}\n`).join(''))
  }

  /** Prints one line of JSON. */
  json(value: object): void {
    const masked = JSON.stringify(value, (_name, part: unknown) =>
      typeof part === 'string' ? this.#mask(part) : part,
    )
    this.#output.write(`${visibleJson(masked)}\n`)
  }

  /** Prints a prompt without a newline at the end; indents all lines but the first. */
  question(text: string): void {
    this.#output.write(visible(this.#mask(text)).replaceAll('\n', '\n  | '))
  }

  /** Prints the output of a line editor unchanged while the user types an answer. */
  echo(keys: Buffer): void {
    this.#output.write(keys)
  }

  /** Prints a line that fits into the terminal and is erased later. */
  draw(line: string): void {
    this.#output.write(visibleLine(this.#mask(line)).slice(0, this.columns - 1))
  }

  /** Erases the current line. */
  erase(): void {
    this.#output.write('\r\u001b[K')
  }

  #shown(text: Text, longestLine = Infinity): string {
    if (typeof text === 'string') return inShort(visible(this.#mask(text)), longestLine)
    if ('style' in text) return this.#paint(text.style, this.#shown(text.text, longestLine))
    if ('longestLine' in text) return this.#shown(text.text, Math.min(longestLine, text.longestLine))
    return text.map((part) => this.#shown(part, longestLine)).join('')
  }
}

function inShort(text: string, longestLine: number): string {
  if (text.length <= longestLine) return text
  return text
    .split('\n')
    .map((line) => lineInShort(line, longestLine))
    .join('\n')
}

/** Shortens the middle, because the end of a line often tells more than the middle. */
function lineInShort(line: string, longest: number): string {
  if (line.length <= longest) return line
  const end = Math.floor(longest / 3)
  return `${line.slice(0, longest - end - 1)}…${line.slice(-end)}`
}
