import * as z from 'zod'

import { booleanParam, textParam } from './definition/parameters.ts'
import { editIni, type IniEdit } from './text/ini-edit.ts'
import { textFileParams, textFileSentences, withPath } from './text/params.ts'
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
  if (value !== undefined && list !== undefined) return "'value' and 'values' exclude each other"
  if (section === undefined && option === undefined) return 'needs a section, an option, or both'
  const hasValue = value !== undefined || (list?.length ?? 0) > 0
  if (hasValue && option === undefined) return 'a value needs an option'
  if (state === 'present' && option !== undefined && !hasValue && !bare)
    return 'state: present needs a value, or allow_no_value: true for an option without one'
  return undefined
}

export const iniFile = defineTextModule({
  name: 'ini_file',
  summary: 'Sets or removes an option or a section of an INI file.',
  documentation: () => ({
    parameters: {
      ...textFileSentences,
      state: '`present` sets the option, `absent` removes it, or the whole section without `option`.',
      section: 'Name of the section; without it, the part before the first section.',
      option: 'Name of the option; without it the task manages the whole section.',
      value: 'Value of the option; with `state: absent` only a line with this value is removed.',
      values: 'Several values of the option, one line each, instead of `value`.',
      exclusive: 'Removes other lines with this option; `false` keeps them and adds the given values.',
      no_extra_spaces: 'Writes no spaces around `=`.',
      ignore_spaces: 'Leaves a line unchanged that differs only in spaces.',
      allow_no_value: 'Allows an option without a value.',
      modify_inactive_option: 'Replaces a commented-out line with this option instead of adding a line.',
      create: 'Creates the file and its directory if they do not exist.',
      follow: 'If the path is a symlink, changes its target; on by default, unlike in Ansible.',
    },
    required: ['path'],
    checkMode: 'Decided: the file is read, and the diff is exact. `validate` runs.',
    example: `- name: Limit the memory of PHP
  ini_file:
    path: /etc/php/8.2/fpm/conf.d/99-limits.ini
    section: PHP
    option: memory_limit
    value: 256M
    mode: '0644'`,
  }),
  params,
  edit: editIni,
})
