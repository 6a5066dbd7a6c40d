import { booleanWords } from '../../text/boolean-words.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Layer } from '../../variables/layer.ts'
import type { Expression } from '../../variables/templated.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { describeValue, isMapping, type Part } from '../document/part.ts'
import { alternatives } from '../document/zod-messages.ts'
import type { Flag, Quantity } from '../playbook.ts'
import type { KeywordTable } from './keywords.ts'

const variableName = /^[A-Za-z_$][\w$]*$/

/** Reads the values of keywords. Adds errors to the diagnostics and returns undefined for them. */
export class ValueReader {
  readonly #diagnostics: Diagnostics

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  /** Reports keys that are not keywords, or not supported yet. */
  checkKeys(part: Part, table: KeywordTable, what: string, others: Iterable<string> = []): void {
    for (const key of part.keys) {
      if (table.known.has(key)) continue
      const at = part.keyAt([key])
      if (table.notYet.has(key)) this.#diagnostics.add(at, `'${key}' is not supported yet`)
      else
        this.#diagnostics.add(
          at,
          `'${key}' is not a keyword of ${what}`,
          didYouMean(key, [...table.known, ...table.notYet, ...others]),
        )
    }
  }

  /** Reads a string without expressions. */
  plainText(part: Part | undefined, name: string): string | undefined {
    const text = this.text(part, name)
    if (part === undefined || text === undefined || !part.isTemplated) return text
    this.#diagnostics.add(
      part.at(),
      `${name} cannot contain an expression: it is needed before any host is known`,
    )
    return undefined
  }

  text(part: Part | undefined, name: string): string | undefined {
    if (part === undefined) return undefined
    if (typeof part.value === 'string' && part.value !== '') return part.value
    if (typeof part.value === 'number') return String(part.value)
    this.#wrong(part, name, 'a string')
    return undefined
  }

  boolean(part: Part | undefined, name: string): boolean | undefined {
    const value = this.templatedBoolean(part, name)
    if (typeof value !== 'object') return value
    if (part !== undefined) this.#wrong(part, name, 'true or false')
    return undefined
  }

  /** Reads true, false, or a string with an expression. */
  templatedBoolean(part: Part | undefined, name: string): Flag | undefined {
    if (part === undefined) return undefined
    if (typeof part.value === 'boolean') return part.value
    if (typeof part.value === 'string') {
      if (part.isTemplated) return part
      const known = booleanWords.get(part.value.toLowerCase())
      if (known !== undefined) return known
    }
    this.#wrong(part, name, 'true or false')
    return undefined
  }

  /** Reads a number, or a template that is evaluated during the run. */
  quantity(part: Part | undefined, name: string): Quantity | undefined {
    return part?.isTemplated === true ? part : this.number(part, name)
  }

  wholeNumber(part: Part | undefined, name: string): number | undefined {
    const value = this.number(part, name)
    if (part === undefined || value === undefined || Number.isInteger(value)) return value
    this.#wrong(part, name, 'a whole number')
    return undefined
  }

  /** Reads a number that is not negative. */
  number(part: Part | undefined, name: string): number | undefined {
    if (part === undefined) return undefined
    const { value } = part
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && number >= 0) return number
    this.#wrong(part, name, 'a number')
    return undefined
  }

  oneOf<Choice extends string>(
    part: Part | undefined,
    name: string,
    choices: readonly Choice[],
    notYet: readonly string[] = [],
  ): Choice | undefined {
    const text = this.plainText(part, name)
    if (part === undefined || text === undefined) return undefined
    const choice = choices.find((one) => one === text)
    if (choice !== undefined) return choice
    if (notYet.includes(text)) this.#diagnostics.add(part.at(), `${name}: ${text} is not supported yet`)
    else
      this.#diagnostics.add(
        part.at(),
        `${name} must be ${alternatives(choices)}, not '${text}'`,
        didYouMean(text, choices),
      )
    return undefined
  }

  /** Reads a string, a comma-separated string, or a list of them. */
  tags(part: Part | undefined): string[] {
    return this.texts(part, 'tags')
      .filter((tag) => this.plainText(tag, 'a tag') !== undefined)
      .flatMap((tag) => String(tag.value).split(','))
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
  }

  /** Reads a string or a list of strings. */
  texts(part: Part | undefined, name: string): Part[] {
    if (part === undefined || part.value === null) return []
    return (part.items ?? [part]).filter((item) => this.text(item, name) !== undefined)
  }

  /** Reads a condition or a list of them. */
  conditions(part: Part | undefined, name: string): Expression[] | undefined {
    if (part === undefined) return undefined
    return (part.items ?? [part]).flatMap((item) => {
      if (typeof item.value === 'boolean' || typeof item.value === 'number')
        return [{ text: String(item.value), dialect: item.dialect, at: item.at() }]
      const text = this.text(item, name)
      return text === undefined ? [] : [{ text, dialect: item.dialect, at: item.at() }]
    })
  }

  variables(part: Part, origin: string): Layer {
    const values = new Map<string, unknown>()
    const { dialect } = part
    if (part.value === null) return { origin, values, dialect }
    if (!isMapping(part.value)) this.#wrong(part, origin, 'a mapping of names to values')
    for (const key of part.keys) {
      if (variableName.test(key)) values.set(key, (part.value as Record<string, unknown>)[key])
      else
        this.#diagnostics.add(
          part.keyAt([key]),
          `invalid variable name '${key}': use letters, digits and _, and do not begin with a digit`,
        )
    }
    return {
      origin,
      values,
      dialect,
      at: (name, path = []) => (values.has(name) ? part.at([name, ...path]) : undefined),
    }
  }

  /** Reads the name of a variable for the result of a task or the item of a loop. */
  variableName(part: Part | undefined, name: string): string | undefined {
    const text = this.plainText(part, name)
    if (part === undefined || text === undefined || variableName.test(text)) return text
    this.#wrong(part, name, 'the name of a variable')
    return undefined
  }

  #wrong(part: Part, name: string, expected: string): void {
    this.#diagnostics.add(part.at(), `${name} must be ${expected}, not ${describeValue(part.value)}`)
  }
}
