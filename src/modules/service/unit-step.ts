import type { Write } from '../../state/definition/write.ts'
import { unit as unitKind, unitName } from '../../state/unit.ts'
import type { UnitValue } from '../../state/unit/value.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { isRunning, type WantedState, type WantedUnit } from './unit-state.ts'

type Verb = 'start' | 'stop' | 'restart' | 'reload'

const verbs: Record<WantedState, Verb> = {
  started: 'start',
  stopped: 'stop',
  restarted: 'restart',
  reloaded: 'reload',
}

/** Returns the step that makes these changes to a unit, in the order that systemd requires. */
export function unitStep(changes: readonly Change[], wanted: WantedUnit, unit: UnitValue): Step {
  const name = unitName(wanted.name)
  const changed = new Set(changes.map((change) => change.field))
  const verb = wanted.state !== undefined && changed.has('state') ? verbFor(wanted.state, unit) : undefined
  const scripts: Script[] = []
  if (changed.has('masked') && wanted.masked === false) scripts.push(sh`systemctl unmask -- ${name} || exit`)
  if (changed.has('definition')) scripts.push(sh`systemctl daemon-reload || exit`)
  if (changed.has('enabled') && wanted.enabled === true) scripts.push(sh`systemctl enable -- ${name} || exit`)
  if (verb !== undefined) scripts.push(sh`unit=${name}`, jobScript(verb))
  if (changed.has('enabled') && wanted.enabled === false)
    scripts.push(sh`systemctl disable -- ${name} || exit`)
  if (changed.has('masked') && wanted.masked === true) scripts.push(sh`systemctl mask -- ${name} || exit`)
  return {
    script: joinScripts(scripts),
    ...(verb === undefined ? {} : { command: `systemctl ${verb} ${name}` }),
    writes: writesOf(verb, changed, wanted, unit),
    ...(verb === undefined ? {} : { effect: effects[verb](wanted.name) }),
  }
}

const effects: Record<Verb, (name: string) => string> = {
  start: (name) => `starts ${name}`,
  stop: (name) => `stops ${name}: it is no longer available`,
  restart: (name) => `restarts ${name}: connections are cut`,
  reload: (name) => `reloads ${name}`,
}

function verbFor(state: WantedState, unit: UnitValue): Verb {
  return state === 'reloaded' && !isRunning(unit) ? 'start' : verbs[state]
}

function jobScript(verb: Verb): Script {
  if (verb === 'stop')
    return joinScripts([
      explainFailure,
      sh`systemctl stop -- "$unit" || explain_failure "could not be stopped"`,
    ])
  const freshDefinition = sh`
    if [ "$(systemctl show --property=NeedDaemonReload --value -- "$unit")" = yes ]; then
      systemctl daemon-reload || exit
    fi
  `
  if (verb === 'reload')
    return joinScripts([
      explainFailure,
      freshDefinition,
      sh`systemctl reload -- "$unit" || explain_failure "could not be reloaded"`,
    ])
  const job =
    verb === 'start'
      ? sh`systemctl start -- "$unit" || explain_failure "could not be started"`
      : sh`systemctl restart -- "$unit" || explain_failure "could not be restarted"`
  return joinScripts([
    explainFailure,
    freshDefinition,
    sh`systemctl reset-failed -- "$unit" 2>/dev/null || :`,
    job,
    watch,
  ])
}

const explainFailure = sh`
  explain_failure() {
    exec >&2
    systemctl --no-pager --full --lines=0 status -- "$unit" || :
    echo "the last lines of its journal:"
    journalctl --no-pager --quiet --lines=20 --unit="$unit" || :
    echo "$unit $1"
    exit 1
  }
`

/**
 * Fails if a unit does not keep running. systemctl waits until a unit reports that it is ready. But one of Type=simple,
 * exec or idle counts as started at once, so it is watched for a second.
 */
const watch = sh`
  end='
  '
  look() { now=$end$(systemctl show --property=Type,ActiveState,SubState,NRestarts,MainPID,Result -- "$unit")$end; }
  is() { case $now in *"$end$1$end"*) ;; *) return 1 ;; esac; }
  stays() {
    look
    if is ActiveState=inactive; then is Type=oneshot && is Result=success
    elif is ActiveState=active || is ActiveState=reloading || is ActiveState=refreshing; then
      # the start resets the counter, which only services have
      case $now in *NRestarts=*) is NRestarts=0 ;; esac
    else false
    fi
  }
  stays || explain_failure "did not stay up"
  if is Type=simple || is Type=exec || is Type=idle; then
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      sleep 0.1
      stays || explain_failure "died right after it was started"
    done
  fi
`

function writesOf(
  verb: Verb | undefined,
  changed: ReadonlySet<string>,
  wanted: WantedUnit,
  unit: UnitValue,
): Write[] {
  const value: UnitValue = {
    ...unit,
    ...(changed.has('enabled') && wanted.enabled !== undefined ? { enabled: wanted.enabled } : {}),
    ...(changed.has('masked') && wanted.masked !== undefined ? { masked: wanted.masked } : {}),
    ...(changed.has('masked') && wanted.masked === true ? { exists: true } : {}),
    ...(verb === 'stop' ? { active: 'inactive', sub: 'dead' } : {}),
    ...(verb === 'start' || verb === 'restart' ? { active: 'active', sub: 'running' } : {}),
    needsReload: false,
  }
  const writes: Write[] = [unitKind.write({ name: unitName(wanted.name) }, value)]
  if (verb !== undefined)
    writes.push({ type: 'scope', scope: 'services', until: `${wanted.name} is ${participles[verb]}` })
  return writes
}

const participles: Record<Verb, string> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  reload: 'reloaded',
}
