import { didYouMean } from '../../text/did-you-mean.ts'
import type { Layer } from '../../variables/layer.ts'
import { Part } from '../document/part.ts'
import { readParameters, type ModuleKey } from '../params/module-call.ts'
import type { Reading } from './context.ts'
import type { RoleCall } from './role.ts'

const fromFiles = {
  tasks_from: 'tasks',
  handlers_from: 'handlers',
  vars_from: 'vars',
  defaults_from: 'defaults',
} as const
/** The parameters of import_role and include_role. */
export const roleParameters = [
  'name',
  'role',
  'allow_duplicates',
  'public',
  'apply',
  ...Object.keys(fromFiles),
]
const noParams: Layer = { origin: 'role parameters', values: new Map(), literal: true }

/** The values of the parameters of import_role or include_role. */
export interface RoleReference {
  readonly name: Part
  /** True if the variables of the role are meant to be visible after it. */
  readonly isPublic: boolean
  readonly from: RoleCall['from']
  readonly allowDuplicates: boolean
}

export function readRoleReference(item: Part, key: ModuleKey, reading: Reading): RoleReference | undefined {
  const params = readParameters(item, key, undefined, reading.diagnostics)
  if (params === undefined) return undefined
  const part = new Part(params)
  checkParameters(part, roleParameters, reading)
  const name = part.get('name') ?? part.get('role')
  if (name === undefined) {
    reading.diagnostics.add(key.at, 'the role has no name')
    return undefined
  }
  const from = Object.entries(fromFiles).flatMap(([key, kind]) => {
    const file = reading.values.plainText(part.get(key), key)
    return file === undefined ? [] : [[kind, file.replace(/\.ya?ml$/, '')]]
  })
  return {
    name,
    isPublic: reading.values.boolean(part.get('public'), 'public') ?? false,
    from: Object.fromEntries(from) as RoleCall['from'],
    allowDuplicates: reading.values.boolean(part.get('allow_duplicates'), 'allow_duplicates') ?? true,
  }
}

export function callOf(reference: RoleReference, name: string): RoleCall {
  const { from, allowDuplicates } = reference
  return { name, at: reference.name.at(), params: noParams, from, allowDuplicates }
}

/** Reports unknown parameters of an import or include. */
export function checkParameters(part: Part, names: readonly string[], reading: Reading): void {
  for (const key of part.keys.filter((one) => !names.includes(one)))
    reading.diagnostics.add(part.keyAt([key]), `unknown parameter '${key}'`, didYouMean(key, names))
}
