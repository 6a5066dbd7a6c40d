import { escapeRegExp } from '../text/escape-regexp.ts'
import type { Dialect } from './dialect.ts'

/** Returns a pattern that matches every text that a string with tags can render to. */
export function textPattern(text: string, dialect: Dialect): RegExp {
  const literal = text.split(dialect.tag).map(escapeRegExp)
  return new RegExp(`^${literal.join('[^]*')}$`)
}
