import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { aliasOf } from './definition/documentation.ts'
import { booleanParam, textParam } from './definition/parameters.ts'
import { type BlockEdit, editBlock, IncompleteBlock } from './text/block-edit.ts'
import { patternParam, textFileParams, textFileSentences, withPath } from './text/params.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const params = z
  .strictObject({
    ...textFileParams,
    create: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    block: textParam.optional(),
    content: textParam.optional(),
    // the default of Ansible, so that blocks that it wrote are found
    marker: z
      .string()
      .regex(/^[^\r\n]*$/, 'must be one line')
      .includes('{mark}', { error: 'must contain {mark}, which becomes BEGIN and END' })
      .default('# {mark} ANSIBLE MANAGED BLOCK'),
    marker_begin: z.string().default('BEGIN'),
    marker_end: z.string().default('END'),
    insertafter: patternParam.optional(),
    insertbefore: patternParam.optional(),
    prepend_newline: booleanParam.default(false),
    append_newline: booleanParam.default(false),
  })
  .transform(({ block, content, marker, marker_begin, marker_end, ...rest }, context): BlockInFile => ({
    ...withPath({ ...rest, block: block ?? content ?? '' }, context, problemOf),
    begin: marker.replaceAll('{mark}', () => marker_begin),
    end: marker.replaceAll('{mark}', () => marker_end),
    follow: true,
  }))

type BlockInFile = TextFile & BlockEdit

function problemOf({ insertafter, insertbefore }: Partial<BlockEdit>): string | undefined {
  return insertafter !== undefined && insertbefore !== undefined
    ? "'insertafter' and 'insertbefore' exclude each other"
    : undefined
}

export const blockinfile = defineTextModule({
  name: 'blockinfile',
  summary: 'Inserts, updates or removes a block of lines in a text file.',
  documentation: () => ({
    parameters: {
      ...textFileSentences,
      create:
        'Creates the file and its directory if they do not exist; without it, the task fails if the file is missing.',
      state: '`present` inserts or updates the block, `absent` removes the block and its markers.',
      block: 'Lines of the block; an empty string removes the block.',
      content: aliasOf('block'),
      marker:
        'Line that marks the beginning and the end of the block; `{mark}` in it is replaced by `marker_begin` or `marker_end`.',
      marker_begin: 'Replaces `{mark}` in the line before the block.',
      marker_end: 'Replaces `{mark}` in the line after the block.',
      insertafter:
        "Regular expression in Python's syntax: a new block goes after the last matching line, or to the end of the file if no line matches; `EOF` and `BOF` stand for the end and the beginning of the file.",
      insertbefore: 'Like `insertafter`, but a new block goes before the last matching line.',
      prepend_newline: 'Inserts a blank line before the block.',
      append_newline: 'Inserts a blank line after the block.',
    },
    required: ['path'],
    checkMode: 'Decided: the file is read, and the diff is exact. `validate` runs.',
    example: `- name: Allow the deploy user to reload Nginx
  blockinfile:
    path: /etc/sudoers.d/deploy
    create: true
    mode: '0440'
    validate: visudo -cf %s
    block: |
      Cmnd_Alias RELOAD = /usr/bin/systemctl reload nginx
      deploy ALL=(root) NOPASSWD: RELOAD`,
  }),
  params,
  edit,
})

function edit(text: string, given: BlockInFile): string {
  try {
    return editBlock(text, given)
  } catch (error) {
    if (error instanceof IncompleteBlock) throw new TaskFailure(`${given.path}: ${error.message}`)
    throw error
  }
}
