import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import { wrap } from '../text/wrap.ts'
import { defaultText, referenceOf } from './module-reference.ts'
import type { Parameter } from './parameter.ts'

/** A line of a page; a heading or the name of something stands out. */
export interface PageLine {
  readonly emphasized?: string
  readonly text: string
}

/** The modules with their summaries. */
export function moduleList(modules: Iterable<AnyModule | AnyAction>, width: number): PageLine[] {
  const sorted = [...modules].sort((one, other) => (one.name < other.name ? -1 : 1))
  const column = sorted.reduce((longest, { name }) => Math.max(longest, name.length), 0) + 2
  return sorted.flatMap(({ name, summary }) => entry(name, summary, column, width))
}

/** The reference of a module. */
export function modulePage(module: AnyModule | AnyAction, width: number): PageLine[] {
  const { name, summary, notes, parameters, checkMode, example } = referenceOf(module)
  return [
    ...heading(name),
    ...indented(summary, 2, width),
    ...notes.flatMap((note) => indented(note, 2, width)),
    blank,
    ...heading('Parameters'),
    ...parameters.flatMap((parameter) => parameterLines(parameter, width)),
    blank,
    ...heading('Dry run'),
    ...indented(checkMode, 2, width),
    blank,
    ...heading('Example'),
    ...example.split('\n').map((line) => ({ text: line === '' ? '' : `  ${line}` })),
  ]
}

const blank: PageLine = { text: '' }

export function heading(text: string): PageLine[] {
  return [{ emphasized: text, text: '' }]
}

/** A name with a text in the column beside it. */
export function entry(name: string, text: string, column: number, width: number): PageLine[] {
  const [first = '', ...rest] = wrap(text, width - column)
  return [
    { emphasized: name, text: `${' '.repeat(Math.max(1, column - name.length))}${first}` },
    ...rest.map((line) => ({ text: ' '.repeat(column) + line })),
  ]
}

function parameterLines(parameter: Parameter, width: number): PageLine[] {
  const { name, sentence } = parameter
  const [first = '', ...rest] = wrap(properties(parameter), width - name.length - 4)
  return [
    { emphasized: `  ${name}`, text: `  ${first}` },
    ...rest.map((line) => ({ text: `    ${line}` })),
    ...indented(sentence, 6, width),
  ]
}

function properties(parameter: Parameter): string {
  const { aliases, type, choices, isRequired } = parameter
  const value = defaultText(parameter)
  return [
    choices.length === 0 ? type : choices.map(String).join(' | '),
    ...(isRequired ? ['required'] : []),
    ...(value === undefined ? [] : [`default: ${value}`]),
    ...(aliases.length === 0 ? [] : [`aliases: ${aliases.join(', ')}`]),
  ].join('; ')
}

function indented(text: string, indent: number, width: number): PageLine[] {
  return wrap(text, width - indent).map((line) => ({ text: ' '.repeat(indent) + line }))
}
