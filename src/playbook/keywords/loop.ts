import { defined } from '../../text/defined.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Dialect } from '../../variables/dialect.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import type { Part } from '../document/part.ts'
import type { Loop } from '../playbook.ts'
import type { ValueReader } from './values.ts'

export const loopKeywords: readonly string[] = ['loop', 'with_items', 'with_list']
export const supportedControl = ['loop_var', 'index_var', 'label']
const laterControl = ['pause', 'extended', 'extended_allitems', 'break_when']

/** Reads the loop of a task or include. */
export function readLoop(task: Part, values: ValueReader, diagnostics: Diagnostics): Loop {
  const [key, second] = task.keys.filter((one) => one === 'loop' || one.startsWith('with_'))
  if (second !== undefined)
    diagnostics.add(
      task.keyAt([second]),
      `a task can have only one loop: remove ${key ?? ''} or the other one`,
    )
  const control = readControl(task.get('loop_control'), values, diagnostics)
  const part = key === undefined ? undefined : task.get(key)
  if (key === undefined || part === undefined) return control
  if (!loopKeywords.includes(key)) {
    diagnostics.add(task.keyAt([key]), `'${key}' is not supported`, insteadOf(key, part.dialect))
    return control
  }
  if (Array.isArray(part.value) || part.isTemplated)
    return { ...control, loop: part, ...(key === 'with_items' ? { loopFlattened: true } : {}) }
  diagnostics.add(part.at(), `${key} must be a list or an expression that returns one`, expressionHint(part))
  return control
}

function insteadOf(keyword: string, dialect: Dialect): string {
  if (keyword === 'with_indexed_items') return 'write loop with loop_control: {index_var: index}'
  return dialect.adviceFor({ type: 'loop keyword', keyword }) ?? "write 'loop' with a list"
}

function expressionHint({ value, dialect }: Part): string | undefined {
  return typeof value === 'string' && /^[\w.$]+$/.test(value) ? `write "${dialect.print(value)}"` : undefined
}

function readControl(part: Part | undefined, values: ValueReader, diagnostics: Diagnostics): Loop {
  if (part !== undefined && !part.isMapping) diagnostics.add(part.at(), 'loop_control must be a mapping')
  for (const key of part?.keys ?? []) {
    if (supportedControl.includes(key)) continue
    const at = part?.keyAt([key]) ?? { file: '', line: 1, column: 1 }
    if (laterControl.includes(key)) diagnostics.add(at, `'${key}' of loop_control is not supported yet`)
    else diagnostics.add(at, `loop_control has no '${key}'`, didYouMean(key, supportedControl))
  }
  const indexVariable = values.variableName(part?.get('index_var'), 'index_var')
  const label = part?.get('label')
  return {
    loopVariable: values.variableName(part?.get('loop_var'), 'loop_var') ?? 'item',
    ...defined({ indexVariable, loopLabel: label }),
  }
}
