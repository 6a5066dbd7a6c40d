import type { Write } from '../../state/definition/write.ts'
import { packageLists } from '../../state/package-lists.ts'
import { packageKind } from '../../state/package.ts'
import { joinScripts, sh } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { isStale, type AptState } from './changes.ts'
import { isVersionPattern, specification, type WantedPackage } from './package-name.ts'
import type { AptParams } from './params.ts'
import { startPolicy } from './policy-rc-d.ts'
import { aptPrelude, validatePackages } from './script.ts'

/** Makes all changes in one transaction. */
export function aptStep(changes: readonly Change[], params: AptParams, state: AptState): Step {
  const fields = new Set(changes.map((change) => change.field))
  const changing = params.name.filter(({ name }) => fields.has(name))
  const installs = params.state !== 'absent' && changing.length > 0
  const updates = isStale(params, state.lists)
  const transaction = transactionOf(params, changing, fields)
  const commands = [...(updates ? [['update']] : []), ...(transaction.length === 0 ? [] : [transaction])]
  const settings = {
    lockTimeout: params.lock_timeout,
    dpkgOptions: params.dpkg_options.map((option) => `--${option}`),
    names: installs ? changing.map(({ name }) => name) : [],
  }
  return {
    script: joinScripts([
      ...(params.policy_rc_d === undefined ? [] : [startPolicy(params.policy_rc_d)]),
      aptPrelude(settings),
      ...(updates ? [sh`update_lists`] : []),
      ...(installs || params.deb !== undefined ? [sh`update_missing_lists`] : []),
      ...(transaction.length === 0 ? [] : [sh`run_apt ${transaction}`]),
    ]),
    writes: writesOf(params, changing, fields, updates),
    command: commands.map((words) => ['apt-get', ...words].join(' ')).join(' && '),
    ...(installs && !updates
      ? {
          validate: validatePackages(settings.names),
          validateCommand: `apt-cache policy ${settings.names.join(' ')}`,
        }
      : {}),
    ...effectOf(params, changing),
  }
}

/** Returns the arguments of apt-get, or none if it must only update the package lists. */
function transactionOf(
  params: AptParams,
  changing: readonly WantedPackage[],
  fields: ReadonlySet<string>,
): string[] {
  const options = optionsOf(params)
  const names = changing.map(specification)
  if (params.upgrade === 'safe') return [...options, 'upgrade', '--with-new-pkgs']
  if (params.upgrade === 'full') return [...options, 'dist-upgrade']
  if (params.state === 'fixed') return [...options, '--fix-broken', 'install']
  if (params.deb !== undefined) return [...options, 'install', params.deb]
  if (fields.has('autoremove')) return [...options, 'autoremove']
  if (names.length === 0) return []
  return [...options, params.state === 'absent' ? 'remove' : 'install', '--', ...names]
}

function optionsOf(params: AptParams): string[] {
  const removes = params.state === 'absent' || params.state === 'fixed' || params.upgrade === 'full'
  const forced = params.force
  return [
    ...(params.install_recommends === undefined
      ? []
      : ['-o', `APT::Install-Recommends=${String(params.install_recommends)}`]),
    ...(params.default_release === undefined ? [] : ['-t', params.default_release]),
    ...(params.purge ? ['--purge'] : []),
    ...(params.autoremove ? ['--autoremove'] : []),
    ...(params.only_upgrade ? ['--only-upgrade'] : []),
    ...(forced ? ['--allow-remove-essential'] : []),
    ...(forced || params.allow_downgrade ? ['--allow-downgrades'] : []),
    ...(forced || params.allow_change_held_packages ? ['--allow-change-held-packages'] : []),
    ...(forced || params.allow_unauthenticated ? ['--allow-unauthenticated'] : []),
    ...(params.fail_on_autoremove && !removes && !params.autoremove ? ['--no-remove'] : []),
  ]
}

function writesOf(
  params: AptParams,
  changing: readonly WantedPackage[],
  fields: ReadonlySet<string>,
  updates: boolean,
): Write[] {
  const writes: Write[] = updates ? [packageLists.write({}, { age: 0 })] : []
  const installs = params.state !== 'absent'
  for (const { name, version } of changing) {
    const known = installs && version !== undefined && !isVersionPattern(version) ? { version } : {}
    writes.push(packageKind.write({ name }, { manager: 'apt', installed: installs, ...known }))
  }
  const onlyLists = [...fields].every((field) => field === 'package lists')
  if (onlyLists) return writes
  // apt may also remove packages that the task does not name
  if (
    !installs ||
    !params.fail_on_autoremove ||
    params.upgrade === 'full' ||
    params.autoremove ||
    params.state === 'fixed'
  )
    writes.push(packageKind.write({ name: 'any' }))
  return [...writes, { type: 'scope', scope: 'packages', until: untilOf(params, changing) }]
}

function untilOf(params: AptParams, changing: readonly WantedPackage[]): string {
  const [first, ...others] = changing.map(({ name }) => name)
  const verb = params.state === 'absent' ? 'removed' : 'installed'
  if (first === undefined)
    return params.deb === undefined ? 'the packages are changed' : `${params.deb} is installed`
  if (others.length === 0) return `${first} is ${verb}`
  return `${first} and ${others.length} more are ${verb}`
}

function effectOf(params: AptParams, changing: readonly WantedPackage[]): Pick<Step, 'effect'> {
  if (params.upgrade !== 'no') return { effect: 'upgrades packages: their services restart' }
  if (params.state === 'absent' && changing.length > 0)
    return { effect: `removes ${changing.map(({ name }) => name).join(', ')}` }
  return {}
}
