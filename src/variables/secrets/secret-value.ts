import { randomBytes, randomInt } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

import { type Position, reasonOf } from '../../errors.ts'
import { exposureOf } from '../../loose-permissions.ts'
import type { SecretOrigin } from '../../yaml/secret-source.ts'
import { ExpressionError } from '../evaluation/expression-error.ts'

/** The origin of a secret outside YAML files. */
export type OutsideOrigin = Exclude<SecretOrigin, { type: 'text' }>

/** Reads a secret from its origin. Generates a missing file if the origin says so; a dry run does not write it. */
export function readSecretSource(origin: OutsideOrigin, at: Position, dryRun: boolean): string {
  if (origin.type === 'environment') return fromEnvironment(origin.name, at)
  const content = readIfPresent(origin.path, at)
  if (content !== undefined) return content
  if (origin.generate === undefined)
    throw new ExpressionError(
      `the secret file ${origin.path} does not exist`,
      at,
      'create it, or let Hostwright generate it: !secret {file: …, generate: 32}',
    )
  const password = generate(origin.generate)
  return dryRun ? password : keep(origin.path, password, at)
}

function fromEnvironment(name: string, at: Position): string {
  const value = process.env[name]
  if (value === undefined || value === '')
    throw new ExpressionError(
      `the environment variable ${name} of a secret is ${value === '' ? 'empty' : 'not set'}`,
      at,
      `set it: export ${name}=…`,
    )
  return value
}

function readIfPresent(path: string, at: Position): string | undefined {
  try {
    const file = openSync(path, 'r')
    try {
      const exposure = exposureOf(path, fstatSync(file))
      if (exposure !== undefined)
        throw new ExpressionError(`the secret file ${path} is insecure: ${exposure}`, at)
      const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
      if (content !== '') return content
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof ExpressionError) throw error
    if (isCode(error, 'ENOENT')) return undefined
    throw new ExpressionError(`cannot read the secret file ${path}: ${reasonOf(error)}`, at)
  }
  throw new ExpressionError(`the secret file ${path} is empty`, at)
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function generate(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
}

/** Writes the password atomically. If another run has written one in the meantime, returns that one. */
function keep(path: string, password: string, at: Position): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(draft, `${password}\n`, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(draft, path)
    return password
  } catch (error) {
    if (isCode(error, 'EEXIST')) return readIfPresent(path, at) ?? password
    throw new ExpressionError(`cannot write the generated secret to ${path}: ${reasonOf(error)}`, at)
  } finally {
    rmSync(draft, { force: true })
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
