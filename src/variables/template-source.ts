import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { reasonOf } from '../errors.ts'

/** A file to render. */
export interface TemplateSource {
  readonly path: string
  readonly content: string
}

/** A template that another one includes, by its path beside it. */
export function includedSource(source: TemplateSource, path: string): TemplateSource {
  const file = resolve(dirname(source.path), path)
  try {
    return { path: file, content: readFileSync(file, 'utf8') }
  } catch (error) {
    throw new TypeError(`cannot include ${path}: ${reasonOf(error)}`)
  }
}
