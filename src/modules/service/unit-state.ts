import { TaskFailure } from '../../errors.ts'
import type { UnitValue } from '../../state/unit/value.ts'
import { nearestNames } from '../../text/did-you-mean.ts'
import type { Change } from '../definition/change.ts'

export type WantedState = 'started' | 'stopped' | 'restarted' | 'reloaded'

/** The wanted state of a unit. */
export interface WantedUnit {
  /** The name in the playbook. */
  readonly name: string
  readonly state?: WantedState | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  readonly daemonReload?: boolean | undefined
}

/** Compares a unit with its wanted state. */
export function unitChanges(wanted: WantedUnit, unit: UnitValue): Change[] {
  demandUsable(wanted, unit)
  const changes: Change[] = []
  if (wanted.masked !== undefined && wanted.masked !== unit.masked)
    changes.push({ field: 'masked', before: unit.masked, after: wanted.masked })
  if (wanted.daemonReload === true && unit.needsReload)
    changes.push({ field: 'definition', before: 'changed on disk', after: 'read by systemd' })
  if (wanted.enabled !== undefined && unit.enabled !== undefined && wanted.enabled !== unit.enabled)
    changes.push({ field: 'enabled', before: unit.enabled, after: wanted.enabled })
  if (wanted.state !== undefined) changes.push(...stateChanges(wanted.state, unit))
  return changes
}

export function isRunning(unit: UnitValue): boolean {
  return ['active', 'reloading', 'refreshing'].includes(unit.active)
}

export function isStopped(unit: UnitValue): boolean {
  return ['inactive', 'failed'].includes(unit.active)
}

function stateChanges(state: WantedState, unit: UnitValue): Change[] {
  switch (state) {
    case 'started':
      if (isRunning(unit)) return []
      return [
        {
          field: 'state',
          before: unit.active,
          after: 'active',
          ...(unit.runsOnce ? { transient: true } : {}),
        },
      ]
    case 'stopped':
      if (isStopped(unit)) return []
      // systemd forgets a unit without a file once it is stopped, so that it cannot be looked at again
      return [
        {
          field: 'state',
          before: unit.active,
          after: 'inactive',
          ...(unit.exists ? {} : { transient: true }),
        },
      ]
    case 'restarted':
      return [{ field: 'state', before: unit.active, after: 'restarted', transient: true }]
    case 'reloaded':
      return isRunning(unit)
        ? [{ field: 'state', before: unit.active, after: 'reloaded', transient: true }]
        : [{ field: 'state', before: unit.active, after: 'active' }]
  }
}

function demandUsable(wanted: WantedUnit, unit: UnitValue): void {
  const { name, state } = wanted
  if (!unit.exists && !unit.masked && !isPossibleWithoutFile(wanted, unit)) {
    const near = nearestNames(unit.id, unit.near ?? [])
    throw new TaskFailure(`Could not find the requested service ${name}`, {
      hint:
        near.length > 0
          ? `use the name of a unit on this host, e.g. ${near.map((other) => other.replace(/\.service$/, '')).join(', ')}`
          : 'run the task that installs it before this one',
    })
  }
  const starts = state === 'started' || state === 'restarted' || state === 'reloaded'
  if (unit.masked && wanted.masked !== false && (starts || wanted.enabled === true))
    throw new TaskFailure(`${name} is masked: it can be neither started nor enabled`, {
      hint: 'set masked: false with the module systemd',
    })
  if (state === 'reloaded' && isRunning(unit) && !unit.canReload)
    throw new TaskFailure(`${name} cannot reload its configuration`, { hint: 'use state: restarted' })
}

/** Without its file, a unit can be masked, unmasked, and stopped if it still runs. */
function isPossibleWithoutFile({ state, enabled, masked }: WantedUnit, unit: UnitValue): boolean {
  if (enabled === true) return false
  if (masked === true) return state === undefined || state === 'stopped'
  if (state === 'stopped') return !isStopped(unit)
  return masked === false && state === undefined && enabled === undefined
}
