import type { AnyAction, AnyModule } from './module.ts'
import { apt } from './apt.ts'
import { service } from './service.ts'
import { systemd } from './systemd.ts'
import { assert } from './assert.ts'
import { debug } from './debug.ts'
import { fail } from './fail.ts'
import { setFact } from './set_fact.ts'
import { mysqlDb } from './mysql_db.ts'
import { mysqlUserModule } from './mysql_user.ts'
import { command } from './command.ts'
import { shell } from './shell.ts'
import { copy } from './copy.ts'
import { template } from './template.ts'
import { file } from './file.ts'
import { stat } from './stat.ts'
import { uri } from './uri.ts'

/** Every module that a task can name. To add one: its file and its line here. */
const registered: readonly (AnyModule | AnyAction)[] = [
  apt,
  assert,
  command,
  copy,
  debug,
  fail,
  file,
  mysqlDb,
  mysqlUserModule,
  service,
  setFact,
  shell,
  stat,
  systemd,
  template,
  uri,
]

export const modules: ReadonlyMap<string, AnyModule | AnyAction> = new Map(
  registered.map((module) => [module.name, module]),
)
