import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { reasonOf } from '../errors.ts'
import type { Dialect } from './dialect.ts'

/** A template file. */
export interface TemplateSource {
  readonly path: string
  readonly content: string
  readonly dialect: Dialect
}

/** Reads a template that another one includes; the path is relative to the including file. */
export function includedSource(source: TemplateSource, path: string): TemplateSource {
  const file = resolve(dirname(source.path), path)
  try {
    return { path: file, content: readFileSync(file, 'utf8'), dialect: source.dialect }
  } catch (error) {
    throw new TypeError(`cannot include ${path}: ${reasonOf(error)}`)
  }
}
