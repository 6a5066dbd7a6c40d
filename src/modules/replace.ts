import * as z from 'zod'

import { textParam } from './definition/parameters.ts'
import { patternParam, textFileParams, withPath, textFileSentences } from './text/params.ts'
import { expandReplacement, regularExpression } from './text/regular-expression.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const params = z
  .strictObject({
    ...textFileParams,
    regexp: patternParam,
    replace: textParam.default(''),
    after: patternParam.optional(),
    before: patternParam.optional(),
  })
  .transform((given, context): Replace => ({
    ...withPath(given, context, () => undefined),
    create: false,
    follow: true,
  }))

interface Replace extends TextFile {
  readonly regexp: string
  readonly replace: string
  readonly after?: string | undefined
  readonly before?: string | undefined
}

export const replace = defineTextModule({
  name: 'replace',
  summary: 'Replaces every match of a regular expression in a text file.',
  documentation: () => ({
    parameters: {
      ...textFileSentences,
      regexp: "Regular expression in Python's syntax; `^` and `$` match at every line.",
      replace:
        'Replacement for each match, in which `\\1` and `\\g<name>` are groups of `regexp`; empty by default, which removes the matches.',
      after:
        'Regular expression; only text after its first match is changed, and nothing if it does not match.',
      before:
        'Regular expression; only text before its first match is changed, and nothing if it does not match.',
    },
    required: ['path'],
    checkMode: 'Decided: the file is read, and the diff is exact. `validate` runs.',
    example: `- name: Listen on another port
  replace:
    path: /etc/nginx/sites-available/shop.conf
    regexp: 'listen 80\\b'
    replace: listen 8080`,
  }),
  params,
  edit: replaceMatches,
})

/** Replaces every match between `after` and `before`, and nothing if one of them does not match. */
export function replaceMatches(
  text: string,
  given: Pick<Replace, 'regexp' | 'replace' | 'after' | 'before'>,
): string {
  const first = given.after === undefined ? undefined : regularExpression(given.after, 's').exec(text)
  if (first === null) return text
  const start = first === undefined ? 0 : first.index + first[0].length
  const last =
    given.before === undefined ? undefined : regularExpression(given.before, 's').exec(text.slice(start))
  if (last === null) return text
  const end = last === undefined ? text.length : start + last.index
  return text.slice(0, start) + replaceAll(text.slice(start, end), given) + text.slice(end)
}

function replaceAll(
  part: string,
  { regexp, replace: replacement }: Pick<Replace, 'regexp' | 'replace'>,
): string {
  let result = ''
  let position = 0
  for (const match of part.matchAll(regularExpression(regexp, 'gm'))) {
    result += part.slice(position, match.index) + expandReplacement(replacement, match)
    position = match.index + match[0].length
  }
  return result + part.slice(position)
}
