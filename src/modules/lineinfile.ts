import * as z from 'zod'

import { booleanParam, textParam } from './definition/parameters.ts'
import { editLine, type LineEdit } from './text/line-edit.ts'
import { patternParam, textFileParams, withPath } from './text/params.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const oneLine = textParam.refine((line) => !/[\r\n]/.test(line), 'is one line; blockinfile takes several')

const params = z
  .strictObject({
    ...textFileParams,
    create: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    line: oneLine.optional(),
    value: oneLine.optional(),
    regexp: patternParam.optional(),
    regex: patternParam.optional(),
    search_string: z.string().min(1).optional(),
    insertafter: patternParam.optional(),
    insertbefore: patternParam.optional(),
    backrefs: booleanParam.default(false),
    firstmatch: booleanParam.default(false),
  })
  .transform(({ value, regex, line = value, regexp = regex, ...rest }, context): LineInFile => ({
    ...withPath({ ...rest, line, regexp }, context, problemOf),
    follow: true,
  }))

type LineInFile = TextFile & LineEdit

function problemOf(edit: LineEdit): string | undefined {
  const { state, line, regexp, search_string, backrefs, insertafter, insertbefore } = edit
  if (state === 'present' && line === undefined) return 'state: present needs a line'
  if (state === 'absent' && (line ?? regexp ?? search_string) === undefined)
    return 'state: absent needs a line, regexp or search_string'
  if (regexp !== undefined && search_string !== undefined) return 'takes either regexp or search_string'
  if (backrefs && regexp === undefined) return 'backrefs: true needs a regexp'
  if (insertafter !== undefined && insertbefore !== undefined)
    return 'takes either insertafter or insertbefore'
  return undefined
}

export const lineinfile = defineTextModule({
  name: 'lineinfile',
  summary: 'Makes sure that a line is in a text file, or is not',
  params,
  edit: editLine,
})
