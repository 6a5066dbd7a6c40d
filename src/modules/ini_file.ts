import * as z from 'zod'

import { booleanParam, textParam } from './definition/parameters.ts'
import { editIni, type IniEdit } from './text/ini-edit.ts'
import { textFileParams, withPath } from './text/params.ts'
import type { TextFile } from './text/text-file.ts'
import { defineTextModule } from './text/text-module.ts'

const oneLine = textParam.refine((text) => !/[\r\n]/.test(text), 'must be one line')

const params = z
  .strictObject({
    ...textFileParams,
    state: z.enum(['present', 'absent']).default('present'),
    section: oneLine.optional(),
    option: oneLine.optional(),
    value: oneLine.optional(),
    values: z.array(oneLine).optional(),
    exclusive: booleanParam.default(true),
    no_extra_spaces: booleanParam.default(false),
    ignore_spaces: booleanParam.default(false),
    allow_no_value: booleanParam.default(false),
    modify_inactive_option: booleanParam.default(true),
    create: booleanParam.default(true),
    follow: booleanParam.default(true),
  })
  .transform(({ value, values, section, ...rest }, context): IniFile => ({
    ...withPath(
      { ...rest, section: section === '' ? undefined : section, value, list: values },
      context,
      problemOf,
    ),
    values: values ?? (value === undefined ? [] : [value]),
  }))

type IniFile = TextFile & IniEdit

interface Written {
  readonly state: 'present' | 'absent'
  readonly section?: string | undefined
  readonly option?: string | undefined
  readonly value: string | undefined
  readonly list: readonly string[] | undefined
  readonly allow_no_value: boolean
}

function problemOf({
  state,
  section,
  option,
  value,
  list,
  allow_no_value: bare,
}: Written): string | undefined {
  if (value !== undefined && list !== undefined) return 'takes either value or values'
  if (section === undefined && option === undefined) return 'needs a section, an option, or both'
  const hasValue = value !== undefined || (list?.length ?? 0) > 0
  if (hasValue && option === undefined) return 'a value needs an option'
  if (state === 'present' && option !== undefined && !hasValue && !bare)
    return 'state: present needs a value; allow_no_value: true makes an option without one'
  return undefined
}

export const iniFile = defineTextModule({
  name: 'ini_file',
  summary: 'Makes sure that an option is in an INI file, or is not',
  params,
  edit: editIni,
})
