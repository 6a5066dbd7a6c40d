import { TaskFailure } from '../../errors.ts'
import type { DebFileValue } from '../../state/deb-file.ts'
import type { PackageListsValue } from '../../state/package-lists.ts'
import type { PackageValue } from '../../state/package/value.ts'
import type { Change } from '../definition/change.ts'
import { isVersion, type WantedPackage } from './package-name.ts'
import type { AptParams } from './params.ts'

export interface AptState {
  readonly lists: PackageListsValue | undefined
  readonly packages: readonly PackageValue[]
  readonly debFile: DebFileValue | undefined
  readonly plan: readonly string[] | undefined
}

/** Compares the packages of a host with the parameters of a task. */
export function aptChanges(params: AptParams, state: AptState): Change[] {
  const changes = [
    ...interruptedChanges(state.packages),
    ...params.name.flatMap((wanted, index) => packageChange(wanted, state.packages[index], params, state)),
    ...debFileChange(params.deb, state.debFile),
    ...planChange(params, state.plan),
  ]
  return updateMatters(params, changes) && isStale(params, state.lists)
    ? [listsChange(params, state.lists), ...changes]
    : changes
}

/** Returns 0 without cache_valid_time if the task only updates the package lists: it always does so. */
function validTime({ cache_valid_time, name, upgrade }: AptParams): number {
  return cache_valid_time ?? (name.length > 0 || upgrade !== 'no' ? 3600 : 0)
}

export function isStale(params: AptParams, lists: PackageListsValue | undefined): boolean {
  if (!params.update_cache || lists === undefined) return false
  return lists.age === undefined || lists.outdated === true || lists.age >= validTime(params)
}

/** Stale package lists do not matter if there is nothing to install. */
function updateMatters(params: AptParams, changes: readonly Change[]): boolean {
  const onlyUpdate = params.name.length === 0 && params.deb === undefined
  return changes.length > 0 || onlyUpdate || params.state === 'latest' || params.upgrade !== 'no'
}

function listsChange(params: AptParams, lists: PackageListsValue | undefined): Change {
  const before = lists?.age === undefined ? 'never fetched' : `fetched ${lists.age} s ago`
  return {
    field: 'package lists',
    before,
    after: 'fetched',
    ...(validTime(params) === 0 ? { transient: true } : {}),
  }
}

function interruptedChanges(packages: readonly PackageValue[]): Change[] {
  const interrupted = packages.find((one) => one.interrupted !== undefined)?.interrupted
  if (interrupted === undefined) return []
  return [{ field: 'installation', before: `interrupted: ${interrupted.join(', ')}`, after: 'finished' }]
}

function packageChange(
  wanted: WantedPackage,
  found: PackageValue | undefined,
  params: AptParams,
  state: AptState,
): Change[] {
  if (found === undefined) return []
  const { name, version } = wanted
  if (found.invalidName === true)
    throw new TaskFailure(`invalid package name '${name}': ${found.manager} allows only lower case names`, {
      hint: 'use the name that the package has on this distribution',
    })
  if (params.state === 'absent') return removal(name, found, params)
  if (!found.installed) {
    if (params.only_upgrade) return []
    if (params.state === 'latest' && found.candidate === undefined) demandLists(name, params, state)
    return [{ field: name, before: 'not installed', after: installedAs(version ?? found.candidate) }]
  }
  const goal = version ?? (params.state === 'latest' ? found.candidate : undefined)
  if (goal === undefined || found.providedBy !== undefined) return []
  // Only the task's version may be a pattern: the candidate is text from the host.
  if (found.version === goal || isVersion(found.version, version)) return []
  demandNotHeld(name, found, params)
  return [{ field: name, before: found.version, after: goal }]
}

function removal(name: string, found: PackageValue, params: AptParams): Change[] {
  if (found.installed && found.providedBy === undefined) {
    demandNotHeld(name, found, params)
    return [{ field: name, before: installedAs(found.version), after: 'not installed' }]
  }
  return params.purge && found.residual === true
    ? [{ field: name, before: 'configuration left', after: 'purged' }]
    : []
}

function demandLists(name: string, params: AptParams, { lists }: AptState): void {
  if (lists?.age === undefined || lists.outdated === true || isStale(params, lists)) return
  throw new TaskFailure(`no package named ${name}`, {
    hint: 'run the task that adds its repository before this one',
  })
}

function demandNotHeld(name: string, found: PackageValue, params: AptParams): void {
  if (found.held !== true || params.allow_change_held_packages || params.force) return
  throw new TaskFailure(`${name} is held at ${found.version ?? 'its version'} (apt-mark hold)`, {
    hint: `run apt-mark unhold ${name}, or set allow_change_held_packages: true`,
  })
}

function debFileChange(path: string | undefined, file: DebFileValue | undefined): Change[] {
  if (path === undefined || file === undefined) return []
  if (!file.exists) throw new TaskFailure(`package file ${path} does not exist on the host`)
  if (file.installedVersion === file.version) return []
  const before = file.installedVersion === undefined ? 'not installed' : installedAs(file.installedVersion)
  return [{ field: file.name ?? path, before, after: installedAs(file.version) }]
}

function planChange(params: AptParams, plan: readonly string[] | undefined): Change[] {
  if (plan === undefined || plan.length === 0) return []
  const field = params.upgrade !== 'no' ? 'upgrade' : params.state === 'fixed' ? 'dependencies' : 'autoremove'
  return [{ field, before: plan, after: [] }]
}

function installedAs(version: string | undefined): string {
  return version === undefined ? 'installed' : `installed (${version})`
}
