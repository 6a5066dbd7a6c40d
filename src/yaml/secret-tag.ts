import { dirname, resolve } from 'node:path'

import type { Position } from '../errors.ts'
import { SecretSource } from './secret-source.ts'

const usage = '!secret takes a string, {env: NAME}, {file: path} or {file: path, generate: 32}'

/** Returns the source that a value tagged `!secret` describes, or an error message. */
export function readSecret(value: unknown, at: Position): SecretSource | string {
  if (typeof value === 'string') return new SecretSource({ type: 'text', text: value }, at)
  if (typeof value !== 'object' || value === null) return usage
  const { env, file, generate, ...others } = value as Record<string, unknown>
  if (Object.keys(others).length > 0) return usage
  if ((env === undefined) === (file === undefined)) return usage
  if (env !== undefined) return fromEnvironment(env, generate, at)
  return fromFile(file, generate, at)
}

function fromEnvironment(name: unknown, generate: unknown, at: Position): SecretSource | string {
  if (generate !== undefined) return 'only a file can be generated'
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name)) return 'env must name an environment variable'
  return new SecretSource({ type: 'environment', name }, at)
}

function fromFile(path: unknown, generate: unknown, at: Position): SecretSource | string {
  if (typeof path !== 'string' || path === '') return 'file must be the path of a file'
  const absolute = resolve(dirname(at.file), path)
  if (generate === undefined) return new SecretSource({ type: 'file', path: absolute }, at)
  if (typeof generate !== 'number' || !Number.isInteger(generate) || generate < 8 || generate > 1024)
    return 'generate must be a number of characters from 8 to 1024'
  return new SecretSource({ type: 'file', path: absolute, generate }, at)
}
