import type * as z from 'zod'

import { InvalidInputError, type Diagnostic } from '../../errors.ts'
import type { AnyAction, AnyModule } from '../../modules/definition/module.ts'
import { remembered } from '../../remembered.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Dialect } from '../../variables/dialect.ts'
import type { Secrets } from '../../variables/secrets/secrets.ts'
import { SecretSource } from '../../yaml/secret-source.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import { describeIssue } from '../document/zod-messages.ts'
import type { PlaybookValue, Task } from '../playbook.ts'
import { parameterNames } from './parameter-names.ts'

/** Options for zod. It does not compile schemas, because a run uses each of them only a few times. */
const parsing = { error: describeIssue, jitless: true }

/** Parses the rendered parameters of a task. Throws InvalidInputError. */
export function validateParams(
  task: Pick<Task, 'module' | 'params'>,
  rendered: unknown,
  secrets: Secrets,
): unknown {
  const { module, params } = task
  if (module.type === 'meta') return rendered
  const result = module.params.safeParse(rendered, parsing)
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => withoutPartsOfSecrets(issue, rendered, secrets))
  throw new InvalidInputError(issues.flatMap((issue) => diagnosticsOf(issue, module, params, rendered)))
}

/** Shortens a message about a secret, because masking does not find a part of a secret, such as one word of a list. */
function withoutPartsOfSecrets(
  issue: z.core.$ZodIssue,
  rendered: unknown,
  secrets: Secrets,
): z.core.$ZodIssue {
  const value = valueAt(rendered, issue.path)
  if (typeof value !== 'string') return issue
  const shown = secrets.mask(value)
  const isSafe = shown === value || issue.message.includes(value) || !issue.message.includes("'")
  return isSafe ? issue : { ...issue, message: `'${shown}' is invalid` }
}

/** Returns the errors of parameters that do not depend on the values of their expressions. */
export function checkParams(module: AnyModule | AnyAction, params: PlaybookValue): Diagnostic[] {
  const input = inputOf(params)
  const compute = (): Diagnostic[] => problemsOf(module, params)
  if (input === undefined) return compute()
  return remembered({
    ...{ name: `parameters of ${module.name}`, input, compute },
    mayBeKept: ({ length }) => length === 0,
  })
}

/** Returns a string that differs for different parameters; undefined if they contain a secret. */
function inputOf({ value, dialect }: PlaybookValue): string | undefined {
  if (hasSecret(value)) return undefined
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') return `'${part}`
    // JSON has neither NaN nor infinite numbers.
    return typeof part === 'number' ? String(part) : part
  })
  return `${dialect.templatedPattern} ${text}`
}

function hasSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof SecretSource || Object.values(value).some(hasSecret)
}

function problemsOf(module: AnyModule | AnyAction, params: PlaybookValue): Diagnostic[] {
  const result = module.params.safeParse(params.value, parsing)
  if (result.success) return []
  const open = [...openPaths(params, module)]
  return result.error.issues
    .filter(
      (issue) => issue.code === 'unrecognized_keys' || !open.some((path) => onOneLine(path, issue.path)),
    )
    .flatMap((issue) => diagnosticsOf(issue, module, params, params.value))
}

/** Returns the paths of the values that are unknown before the run. */
function* openPaths({ value, dialect }: PlaybookValue, module: AnyModule | AnyAction): Generator<Path> {
  if (module.type === 'action') for (const name of module.expressions ?? []) yield [name]
  yield* templatedPaths(value, [], dialect)
}

function* templatedPaths(value: unknown, path: Path, dialect: Dialect): Generator<Path> {
  if (typeof value === 'string' ? dialect.isTemplated(value) : value instanceof SecretSource) yield path
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* templatedPaths(item, [...path, index], dialect)
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) yield* templatedPaths(item, [...path, name], dialect)
}

/** Returns whether one path is a prefix of the other. */
function onOneLine(one: Path, other: readonly PropertyKey[]): boolean {
  const length = Math.min(one.length, other.length)
  return one.slice(0, length).every((step, index) => step === other[index])
}

function diagnosticsOf(
  issue: z.core.$ZodIssue,
  module: AnyModule | AnyAction,
  params: PlaybookValue,
  value: unknown,
): Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownParameter(key, path, module, params))
  const missing = issue.code !== 'custom' && path.length > 0 && valueAt(value, path) === undefined
  const at = path.length === 0 || missing ? params.at(path.slice(0, -1)) : params.at(path)
  if (missing) return [{ at, message: `${module.name} needs '${path.join('.')}'` }]
  return [{ at, message: `${path.length === 0 ? module.name : path.join('.')}: ${issue.message}` }]
}

function unknownParameter(
  key: string,
  path: Path,
  module: AnyModule | AnyAction,
  params: PlaybookValue,
): Diagnostic {
  const where = path.length === 0 ? module.name : `${path.join('.')} of ${module.name}`
  const names = path.length === 0 ? parameterNames(module.params) : []
  const hint = didYouMean(key, names)
  const message = `${where} has no parameter '${key}'`
  return { at: params.keyAt([...path, key]), message, ...(hint === undefined ? {} : { hint }) }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, step) =>
      typeof part === 'object' && part !== null ? (part as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  )
}
