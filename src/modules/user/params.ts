import * as z from 'zod'

import { accountName } from '../definition/account-name.ts'
import {
  absolutePath,
  booleanParam,
  integerParam,
  nameParam,
  stringList,
  textParam,
} from '../definition/parameters.ts'

const passwordHash = textParam
  .refine(
    (hash) => /^[!*]|^\$\w+\$/.test(hash),
    'must be a hash, as mkpasswd -m sha-512 prints it, never the password itself',
  )
  .refine((hash) => !/[:\n]/.test(hash), 'must not contain a colon or a newline')

const accountField = textParam.refine((text) => !/[:\n]/.test(text), 'must not contain a colon or a newline')

const home = absolutePath.refine((path) => !/[:\n]/.test(path), 'must not contain a colon or a newline')

export const userParams = z.strictObject({
  name: accountName,
  state: z.enum(['present', 'absent']).default('present'),
  uid: integerParam.optional(),
  group: nameParam.optional(),
  groups: stringList
    .refine((groups) => !groups.some((name) => /^\d+$/.test(name)), 'must be names of groups, not numbers')
    .optional(),
  append: booleanParam.default(false),
  home: home.optional(),
  create_home: booleanParam.default(true),
  move_home: booleanParam.default(false),
  shell: home.optional(),
  comment: accountField.optional(),
  system: booleanParam.default(false),
  password: passwordHash.optional(),
  update_password: z.enum(['always', 'on_create']).default('always'),
  password_lock: booleanParam.optional(),
  expires: z.union([z.number(), integerParam]).optional(),
  remove: booleanParam.default(false),
  force: booleanParam.default(false),
})

export type UserParams = z.output<typeof userParams>
