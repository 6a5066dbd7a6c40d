import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { booleanParam, textParam } from './definition/parameters.ts'
import { type BlockEdit, editBlock, TornBlock } from './text/block-edit.ts'
import { patternParam, textFileParams, withPath } from './text/params.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const params = z
  .strictObject({
    ...textFileParams,
    create: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    block: textParam.optional(),
    content: textParam.optional(),
    // Ansible's, so that blocks on machines that it managed are found.
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
    ? 'takes either insertafter or insertbefore'
    : undefined
}

export const blockinfile = defineTextModule({
  name: 'blockinfile',
  summary: 'Makes sure that a block of lines is in a text file, or is not',
  params,
  edit,
})

function edit(text: string, given: BlockInFile): string {
  try {
    return editBlock(text, given)
  } catch (error) {
    if (error instanceof TornBlock) throw new TaskFailure(`${given.path}: ${error.message}`)
    throw error
  }
}
