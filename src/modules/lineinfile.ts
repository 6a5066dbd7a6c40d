import * as z from 'zod'

import { defineModule, type Given } from './definition/module.ts'
import { booleanParam, textParam } from './definition/parameters.ts'
import { editLine, type LineEdit } from './text/line-edit.ts'
import { patternParam, textFileParams, withPath } from './text/params.ts'
import {
  type TextFile,
  textFileChanges,
  textFileKeys,
  textFileResult,
  textFileSteps,
} from './text/text-file.ts'

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

export const lineinfile = defineModule({
  name: 'lineinfile',
  summary: 'Makes sure that a line is in a text file, or is not',
  params,
  reads: (given: Given<LineInFile>) => textFileKeys(given),
  diff: (state, given) => textFileChanges(state, given, editLine),
  apply: (changes, given, state) => textFileSteps(changes, state, given, editLine),
  result: ({ params: given, outputs }) => textFileResult(given, outputs),
})
