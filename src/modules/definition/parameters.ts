import * as z from 'zod'

import { booleanWords } from '../../text/boolean-words.ts'
import { parseMode } from './mode.ts'
import { parameterTypes } from './parameter-types.ts'

/** A boolean, or a string that YAML 1.1 reads as a boolean, e.g. `yes`. */
export const booleanParam = z.union([z.boolean(), z.string()]).transform((value, context): boolean => {
  if (typeof value === 'boolean') return value
  const known = booleanWords.get(value.toLowerCase())
  if (known !== undefined) return known
  context.addIssue({ code: 'custom', message: `expected true or false, not '${value}'` })
  return z.NEVER
})

/** A string, or a number or boolean that is converted to a string: `value: 8080`. */
export const textParam = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** A string with at least one character. */
export const nameParam = textParam.refine((text) => text !== '', 'must not be empty')

/** A whole number, or a string with its digits. */
export const integerParam = z.union([z.number(), z.string()]).transform((value, context): number => {
  const number = typeof value === 'string' && /^[-+]?\d+$/.test(value.trim()) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  context.addIssue({ code: 'custom', message: `expected a whole number, not '${value}'` })
  return z.NEVER
})

/** A list, a comma-separated string, or a single value. */
export const stringList = z
  .union([z.array(textParam), textParam])
  .transform((value): string[] =>
    (Array.isArray(value) ? value : value.split(','))
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )

/** An absolute path. Doubled and trailing slashes are removed. */
export const absolutePath = z.string().transform((value, context): string => {
  const problem = pathProblem(value)
  if (problem === undefined) return normalizePath(value)
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})

/** An absolute path that keeps its trailing slash, which means "into this directory". */
export const destinationPath = z.string().transform((value, context): string => {
  const problem = pathProblem(value)
  if (problem === undefined) return normalizePath(value) + (/[^/]\/+$/.test(value) ? '/' : '')
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})

/** Permissions in any unambiguous notation, converted to four octal digits or symbols. */
export const modeParam = z.union([z.string(), z.number()]).transform((value, context): string => {
  const mode = parseMode(value)
  if (mode !== undefined) return mode
  context.addIssue({
    code: 'custom',
    message: `invalid mode '${value}': write four octal digits in quotes, e.g. '0644', or symbols, e.g. u=rw,g=r,o=`,
  })
  return z.NEVER
})

/** Permissions, or "preserve" for those of the source file. */
export const modeOrPreserveParam = z.union([modeParam, z.literal('preserve')])

const scalar = { type: ['string', 'number', 'boolean'] }
const digits = { type: 'string', pattern: '^\\s*[-+]?\\d+\\s*$' }
const words = {
  type: 'string',
  pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$',
}
const path = { type: 'string', pattern: '^/' }

parameterTypes.add(booleanParam, { name: 'boolean', schema: { anyOf: [{ type: 'boolean' }, words] } })
parameterTypes.add(textParam, { name: 'string', schema: scalar })
parameterTypes.add(integerParam, { name: 'integer', schema: { anyOf: [{ type: 'integer' }, digits] } })
parameterTypes.add(stringList, {
  name: 'list of strings',
  schema: { anyOf: [{ type: 'array', items: scalar }, scalar] },
})
parameterTypes.add(absolutePath, { name: 'path', schema: path })
parameterTypes.add(destinationPath, { name: 'path', schema: path })
parameterTypes.add(modeParam, { name: 'mode', schema: { type: ['string', 'integer'] } })

function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'a path cannot contain a NUL character'
  if (path.startsWith('/')) return undefined
  return `expected an absolute path, e.g. /etc/hosts, not '${path}'`
}

function normalizePath(path: string): string {
  const normal = path.replaceAll(/\/(\.?\/)+/g, '/').replace(/\/\.?$/, '')
  return normal === '' ? '/' : normal
}
