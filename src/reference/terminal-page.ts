import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import { blockKeywords, handlerKeywords, playKeywords, taskKeywords } from '../playbook/keywords/keywords.ts'
import { loopKeywords } from '../playbook/keywords/loop.ts'
import { wrap } from '../text/wrap.ts'
import { builtInSentences, keywords } from './keyword.ts'
import { defaultText, referenceOf } from './module-reference.ts'
import type { Parameter } from './parameter.ts'

/** A line of a page, starting with emphasized text such as a heading or a name. */
export interface PageLine {
  readonly emphasized?: string
  readonly text: string
}

/** Lists the modules with their summaries. */
export function moduleList(modules: Iterable<AnyModule | AnyAction>, width: number): PageLine[] {
  const sorted = [...modules].sort((one, other) => (one.name < other.name ? -1 : 1))
  const column = sorted.reduce((longest, { name }) => Math.max(longest, name.length), 0) + 2
  return sorted.flatMap(({ name, summary }) => entry(name, summary, column, width))
}

/** Returns the lines of the reference of a module. */
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

/** Lists the keywords of plays, blocks, tasks and handlers, and the actions that replace a module. */
export function keywordPage(width: number): PageLine[] {
  const common = [...taskKeywords.known].filter((name) =>
    [playKeywords, blockKeywords].every(({ known }) => known.has(name)),
  )
  const others = (names: Iterable<string>): string[] => [...names].filter((name) => !common.includes(name))
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Plays, roles, blocks and tasks', common],
    ['Plays', others(playKeywords.known)],
    ['Blocks', others(blockKeywords.known)],
    [
      'Tasks',
      others([...taskKeywords.known, ...loopKeywords.filter((name) => !taskKeywords.known.has(name))]),
    ],
    ['Handlers', [...handlerKeywords.known].filter((name) => !taskKeywords.known.has(name))],
    ['Instead of a module', Object.keys(builtInSentences)],
  ]
  const sentenceOf = (name: string): string => keywords[name]?.sentence ?? builtInSentences[name] ?? ''
  return sections.flatMap(([title, names], index) => [
    ...(index === 0 ? [] : [blank]),
    ...heading(title),
    ...[...names].sort().flatMap((name) => entry(`  ${name}`, sentenceOf(name), 23, width)),
  ])
}

const blank: PageLine = { text: '' }

function heading(text: string): PageLine[] {
  return [{ emphasized: text, text: '' }]
}

/** Returns lines with a name, and a text in a second column. */
function entry(name: string, text: string, column: number, width: number): PageLine[] {
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
