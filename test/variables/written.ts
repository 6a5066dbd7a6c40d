import { projectDialect } from '../../src/variables/dialects.ts'
import type { Layer } from '../../src/variables/layer.ts'
import type { TemplateSource } from '../../src/variables/template-source.ts'
import type { Expression, Templated } from '../../src/variables/templated.ts'

export const at = { file: 'site.yml', line: 3, column: 7 }

export function expression(text: string): Expression {
  return { text, dialect: projectDialect, at }
}

export function templated(value: unknown): Templated {
  return { value, dialect: projectDialect, at: () => at }
}

export function template(content: string, path = 't'): TemplateSource {
  return { path, content, dialect: projectDialect }
}

/** Returns a layer whose strings may contain expressions. */
export function layer(values: object, more: Pick<Layer, 'at'> = {}, origin = 'vars'): Layer {
  return { origin, values: new Map(Object.entries(values)), dialect: projectDialect, ...more }
}

/** Returns a layer whose strings are data. */
export function literal(values: object): Layer {
  return { origin: 'vars', values: new Map(Object.entries(values)), literal: true }
}
