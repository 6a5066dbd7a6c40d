import * as z from 'zod'

import { mysqlDatabase, mysql } from '../state/mysql.ts'
import { runSql } from '../state/mysql/client.ts'
import { sqlName, sqlText } from '../state/mysql/sql.ts'
import type { MysqlDatabase } from '../state/mysql/value.ts'
import type { Change } from './definition/change.ts'
import { aliasOf } from './definition/documentation.ts'
import { defineModule, type Step } from './definition/module.ts'
import { nameParam, stringList } from './definition/parameters.ts'
import {
  mysqlConnection,
  mysqlLoginParams,
  requireServer,
  type MysqlLoginParams,
  mysqlLoginSentences,
} from './mysql/login.ts'

interface MysqlDbParams extends MysqlLoginParams {
  readonly name: readonly string[]
  readonly state: 'present' | 'absent'
  readonly encoding?: string | undefined
  readonly collation?: string | undefined
}

export const mysqlDb = defineModule({
  name: 'mysql_db',
  summary: 'Creates and drops databases of MariaDB or MySQL.',
  documentation: () => ({
    parameters: {
      ...mysqlLoginSentences,
      name: 'Name of the database, or a list of names.',
      db: aliasOf('name'),
      state:
        '`present` creates the database or changes its character set, `absent` drops it; `dump` and `import` are not supported yet.',
      encoding: 'Default character set of the database, e.g. `utf8mb4`.',
      collation: 'Default collation of the database, e.g. `utf8mb4_general_ci`.',
    },
    required: ['name'],
    checkMode: 'Decided: the server is queried. Unknown if an earlier task installs or starts the server.',
    example: `- name: Create the database of the shop
  mysql_db:
    name: shop
    encoding: utf8mb4`,
  }),
  params: z
    .strictObject({
      ...mysqlLoginParams,
      name: stringList.optional(),
      db: stringList.optional(),
      state: z
        .enum(['present', 'absent', 'dump', 'import'])
        .refine((state) => state !== 'dump' && state !== 'import', 'dump and import are not supported yet')
        .default('present'),
      encoding: nameParam.optional(),
      collation: nameParam.optional(),
    })
    .transform(({ name, db, ...params }, context): MysqlDbParams => {
      const names = name ?? db ?? []
      if (names.length > 0) return { ...params, state: params.state, name: names }
      context.addIssue({ code: 'custom', path: ['name'], message: 'expected the name of a database' })
      return z.NEVER
    }),
  reads: (params: MysqlDbParams) => ({
    databases: params.name.map((name) => mysqlDatabase(mysqlConnection(params), name)),
  }),
  diff: ({ databases }, params) =>
    params.name.flatMap((name, index) => {
      const answer = databases[index]
      return answer === undefined ? [] : differences(name, requireServer(answer), params)
    }),
  apply(changes, params): Step[] {
    const connection = mysqlConnection(params)
    return params.name.flatMap((name) => {
      const own = changes.filter(({ field }) =>
        aspects.some((aspect) => field === fieldOf(aspect, name, params)),
      )
      if (own.length === 0) return []
      return [
        {
          script: runSql(connection, [statement(name, own, params)]),
          writes: [mysql.write({ about: 'database', connection, name })],
        },
      ]
    })
  },
  result: ({ params }) => ({ db: params.name.join(' '), db_list: params.name }),
})

const aspects = ['state', 'encoding', 'collation'] as const

function fieldOf(aspect: (typeof aspects)[number], name: string, params: MysqlDbParams): string {
  return params.name.length === 1 ? aspect : `${aspect} of ${name}`
}

function differences(name: string, { database }: MysqlDatabase, params: MysqlDbParams): Change[] {
  const present = database === undefined ? 'absent' : 'present'
  if (present !== params.state)
    return [{ field: fieldOf('state', name, params), before: present, after: params.state }]
  if (database === undefined) return []
  const { encoding, collation } = params
  const changes: Change[] = []
  if (encoding !== undefined && fullName(encoding) !== fullName(database.characterSet))
    changes.push({ field: fieldOf('encoding', name, params), before: database.characterSet, after: encoding })
  if (collation !== undefined && fullName(collation) !== fullName(database.collation))
    changes.push({ field: fieldOf('collation', name, params), before: database.collation, after: collation })
  return changes
}

function statement(name: string, changes: readonly Change[], params: MysqlDbParams): string {
  if (params.state === 'absent') return `DROP DATABASE ${sqlName(name)};`
  const verb = changes.some((change) => change.field === fieldOf('state', name, params)) ? 'CREATE' : 'ALTER'
  const encoding = params.encoding === undefined ? '' : ` CHARACTER SET ${sqlText(params.encoding)}`
  const collation = params.collation === undefined ? '' : ` COLLATE ${sqlText(params.collation)}`
  return `${verb} DATABASE ${sqlName(name)}${encoding}${collation};`
}

/** Expands utf8, the old name of utf8mb3 in character sets and collations. */
function fullName(name: string): string {
  return name.toLowerCase().replace(/^utf8(?=_|$)/, 'utf8mb3')
}
