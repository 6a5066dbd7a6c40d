import { apt } from './apt.ts'
import { aptRepository } from './apt_repository.ts'
import { assert } from './assert.ts'
import { blockinfile } from './blockinfile.ts'
import { command } from './command.ts'
import { copy } from './copy.ts'
import { cron } from './cron.ts'
import { debug } from './debug.ts'
import type { AnyAction, AnyModule } from './definition/module.ts'
import { deployArtifact } from './deploy_artifact.ts'
import { deployCandidate } from './deploy_candidate.ts'
import { deployLockModule } from './deploy_lock.ts'
import { deployProbe } from './deploy_probe.ts'
import { deployPrune } from './deploy_prune.ts'
import { deployRecord } from './deploy_record.ts'
import { deployRelease } from './deploy_release.ts'
import { deployStatus } from './deploy_status.ts'
import { deploySwitch } from './deploy_switch.ts'
import { fail } from './fail.ts'
import { file } from './file.ts'
import { group } from './group.ts'
import { hostname } from './hostname.ts'
import { iniFile } from './ini_file.ts'
import { lineinfile } from './lineinfile.ts'
import { mysqlDb } from './mysql_db.ts'
import { mysqlUserModule } from './mysql_user.ts'
import { packageModule } from './package.ts'
import { replace } from './replace.ts'
import { service } from './service.ts'
import { setFact } from './set_fact.ts'
import { shell } from './shell.ts'
import { stat } from './stat.ts'
import { sysctl } from './sysctl.ts'
import { systemd } from './systemd.ts'
import { template } from './template.ts'
import { timezone } from './timezone.ts'
import { uri } from './uri.ts'
import { user } from './user.ts'
import { waitFor } from './wait_for.ts'

/** All modules that a task can name. A new module needs its file and its line here. */
const registered: readonly (AnyModule | AnyAction)[] = [
  apt,
  aptRepository,
  assert,
  blockinfile,
  command,
  copy,
  cron,
  debug,
  deployArtifact,
  deployCandidate,
  deployLockModule,
  deployProbe,
  deployPrune,
  deployRecord,
  deployRelease,
  deployStatus,
  deploySwitch,
  fail,
  file,
  group,
  hostname,
  iniFile,
  lineinfile,
  mysqlDb,
  mysqlUserModule,
  packageModule,
  service,
  setFact,
  shell,
  replace,
  stat,
  sysctl,
  systemd,
  template,
  timezone,
  uri,
  user,
  waitFor,
]

export const modules: ReadonlyMap<string, AnyModule | AnyAction> = new Map(
  registered.map((module) => [module.name, module]),
)
