import { expect } from 'chai'

import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule } from '../../src/modules/definition/module.ts'
import { mysqlDb } from '../../src/modules/mysql_db.ts'
import { attachedText } from '../attachments.ts'

const server = { server: 'mariadb', version: '1' }
const present = (characterSet = 'utf8mb4', collation = 'utf8mb4_general_ci'): object => ({
  ...server,
  database: { characterSet, collation },
})

function plan(databases: object[], given: object): { changes: Change[]; sql: string[] } {
  const module: AnyModule = mysqlDb
  const params = module.params.parse(given)
  const state = { databases } as never
  const changes = module.diff(state, params)
  const steps = changes.length === 0 ? [] : module.apply(changes, params, state)
  return {
    changes,
    sql: steps.map(({ script }) => attachedText(script, 'mysql.sql')!.split('\n')[1]!),
  }
}

describe('module mysql_db', () => {
  it('creates a database with its encoding', () => {
    const given = { name: 'we`ird', encoding: 'utf8mb4', collation: 'utf8mb4_bin' }
    const { changes, sql } = plan([server], given)
    expect(changes).to.deep.equal([{ field: 'state', before: 'absent', after: 'present' }])
    expect(sql).to.deep.equal(["CREATE DATABASE `we``ird` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_bin';"])
  })

  it('changes nothing if the database is as wanted', () => {
    expect(plan([present()], { name: 'shop' }).changes).to.be.empty
    expect(
      plan([present('utf8mb3', 'utf8mb3_bin')], { name: 'shop', encoding: 'utf8', collation: 'utf8_bin' })
        .changes,
    ).to.be.empty
  })

  it('changes the default encoding of the database', () => {
    const { changes, sql } = plan([present()], { name: 'shop', encoding: 'latin1' })
    expect(changes).to.deep.equal([{ field: 'encoding', before: 'utf8mb4', after: 'latin1' }])
    expect(sql).to.deep.equal(["ALTER DATABASE `shop` CHARACTER SET 'latin1';"])
  })

  it('creates the missing databases of several', () => {
    const { changes, sql } = plan([server, present(), server], { name: ['a of b', 'c', 'b'] })
    expect(changes.map(({ field }) => field)).to.deep.equal(['state of a of b', 'state of b'])
    expect(sql).to.deep.equal(['CREATE DATABASE `a of b`;', 'CREATE DATABASE `b`;'])
  })

  it('drops a database', () => {
    expect(plan([present()], { name: 'shop', state: 'absent' }).sql).to.deep.equal(['DROP DATABASE `shop`;'])
    expect(plan([server], { name: 'shop', state: 'absent' }).changes).to.be.empty
  })

  it('fails if the server is down', () => {
    expect(() => plan([{ server: 'down', error: 'ERROR 2002' }], { name: 'shop' })).to.throw(
      'does not answer',
    )
  })

  it('rejects the state dump, which is not supported yet', () => {
    expect(() => mysqlDb.params.parse({ name: 'shop', state: 'dump' })).to.throw('not supported yet')
  })

  it('requires a name', () => {
    expect(() => mysqlDb.params.parse({})).to.throw('expected the name of a database')
  })
})
