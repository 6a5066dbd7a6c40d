import * as z from 'zod'

import { aliasOf } from './definition/documentation.ts'
import { booleanParam, textParam } from './definition/parameters.ts'
import { editLine, type LineEdit } from './text/line-edit.ts'
import { patternParam, textFileParams, textFileSentences, withPath } from './text/params.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const params = z
  .strictObject({
    ...textFileParams,
    create: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    line: textParam.optional(),
    value: textParam.optional(),
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
  if (regexp !== undefined && search_string !== undefined)
    return "'regexp' and 'search_string' exclude each other"
  if (backrefs && regexp === undefined) return 'backrefs: true needs a regexp'
  if (insertafter !== undefined && insertbefore !== undefined)
    return "'insertafter' and 'insertbefore' exclude each other"
  return undefined
}

export const lineinfile = defineTextModule({
  name: 'lineinfile',
  summary: 'Adds, replaces or removes a line of a text file.',
  documentation: () => ({
    parameters: {
      ...textFileSentences,
      create:
        'Creates the file and its directory if they do not exist; without it, the task fails if the file is missing.',
      state: '`present` adds or replaces a line, `absent` removes all matching lines.',
      line: 'Line that the file must contain, or several that must stand together, with the line ends of the file; with `state: absent` and without a pattern, the line to remove.',
      value: aliasOf('line'),
      regexp:
        "Regular expression in Python's syntax for the line to replace (the last match), or with `state: absent` for the lines to remove.",
      regex: aliasOf('regexp'),
      search_string: 'String that the line to replace or remove contains, instead of `regexp`.',
      insertafter:
        "Regular expression in Python's syntax: if no line is replaced, the new line goes after the last match, or to the end of the file if no line matches; `EOF` and `BOF` stand for the end and the beginning of the file.",
      insertbefore: 'Like `insertafter`, but the new line goes before the last match.',
      backrefs:
        'Replaces `\\1` and `\\g<name>` in `line` by the groups of `regexp`, and changes nothing if it does not match.',
      firstmatch: 'Uses the first match of a pattern instead of the last.',
    },
    required: ['path'],
    checkMode: 'Decided: the file is read, and the diff is exact. `validate` runs.',
    example: `- name: Forbid logins with a password
  lineinfile:
    path: /etc/ssh/sshd_config
    regexp: '^#?PasswordAuthentication '
    line: PasswordAuthentication no
    validate: /usr/sbin/sshd -t -f %s`,
  }),
  params,
  edit: editLine,
})
