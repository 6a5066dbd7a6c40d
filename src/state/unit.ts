import { sh } from '../target/sh.ts'
import { defineKind, type Write } from './key.ts'
import { sections } from './sections.ts'

export interface UnitQuestion {
  /** With its suffix, e.g. "nginx.service": what unitName makes of what a person writes. */
  readonly name: string
}

export interface UnitValue {
  readonly exists: boolean
  /** The name of the unit that an alias stands for. */
  readonly id: string
  /** systemd's ActiveState: active, reloading, inactive, failed, activating, deactivating, … */
  readonly active: string
  /** systemd's SubState: running, exited, dead, auto-restart, … */
  readonly sub: string
  /** Started at boot; undefined where the unit has no say in it: static, transient, an alias of nothing. */
  readonly enabled?: boolean
  readonly masked: boolean
  /** Its files changed since systemd read them. */
  readonly needsReload: boolean
  readonly canReload: boolean
  /** A unit of Type=oneshot that is over once it has run. */
  readonly runsOnce: boolean
  /** When it does not exist: units whose names are like it. */
  readonly near?: readonly string[]
  /** Units that may start or stop with this one. */
  readonly related: readonly string[]
}

const suffix = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/

/** As systemctl reads it: nginx is nginx.service. */
export function unitName(name: string): string {
  return suffix.test(name) ? name : `${name}.service`
}

const relations = [
  'Requires',
  'RequiredBy',
  'Requisite',
  'RequisiteOf',
  'Wants',
  'WantedBy',
  'BindsTo',
  'BoundBy',
  'PartOf',
  'ConsistsOf',
  'Upholds',
  'UpheldBy',
  'Conflicts',
  'ConflictedBy',
  'Triggers',
  'TriggeredBy',
  'OnSuccess',
  'OnFailure',
]

const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'CanReload',
  'Type',
  'RemainAfterExit',
]

const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/init.d',
]

export const unit = defineKind<UnitQuestion, UnitValue>({
  name: 'unit',
  subject: ({ name }) => name,
  read(questions) {
    const names = questions.map(({ name }) => name)
    return sh`
      if [ ! -d /run/systemd/system ]; then
        echo 'systemd does not run on this host: services are managed through it' >&2
        exit 1
      fi
      echo '== units'
      described=$(systemctl show --property=${[...properties, ...relations].join(',')} -- ${names}) || exit
      printf '%s\\n' "$described"
      echo '== near'
      case "$described" in *LoadState=not-found*)
        for folder in /usr/lib/systemd/system /etc/systemd/system; do
          if [ -d "$folder" ]; then ls "$folder"; fi
        done | grep -E ${names.map((name) => likeness(name).source).join('|')} || :
      esac
      echo '== boot'
      set -- ${names}
      for name; do
        for link in /etc/rc[2345].d/S[0-9][0-9]"\${name%.service}"; do
          if [ -e "$link" ]; then echo "$name"; fi
        done
      done
    `
  },
  parse(output, questions) {
    const found = sections(output, ['units', 'near', 'boot'])
    const units = found.units
      .join('\n')
      .split('\n\n')
      .map(
        (block) =>
          new Map(block.split('\n').map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')])),
      )
    if (units.length !== questions.length)
      throw new Error(`systemctl described ${units.length} units, not ${questions.length}`)
    return questions.map(({ name }, index) => {
      const near = found.near.filter((other) => likeness(name).test(other))
      return unitOf(units[index] ?? new Map(), found.boot.includes(name), near)
    })
  },
  touchedBy: ({ name }, write, answer) => unitTouched(name, write, answer),
  // a package brings units and starts them; those of others stay as they are
  possibleAfter: (_question, write, answer) =>
    write.type === 'scope' && write.scope !== 'anything' && answer.exists ? [answer] : undefined,
})

function unitTouched(name: string, write: Write, answer: UnitValue): boolean {
  if (write.type === 'scope') return write.scope !== 'services'
  if (write.kind === 'unit')
    return (
      write.subject === answer.id ||
      answer.related.includes(write.subject) ||
      (write.value === undefined ? !answer.exists : relatesTo(write.value, [name, answer.id]))
    )
  return (
    unitFolders.some((folder) => touchesFileOf(write.subject, folder, [name, answer.id])) &&
    write.kind === 'path'
  )
}

/** Whether what is written is a file of one of these units in this folder, or something that concerns them all. */
function touchesFileOf(path: string, folder: string, names: readonly string[]): boolean {
  if (!path.startsWith(`${folder}/`)) return folder === path || folder.startsWith(`${path}/`)
  const [entry = '', inside] = path.slice(folder.length + 1).split('/')
  if (/\.(wants|requires|upholds)$/.test(entry)) return inside === undefined || names.includes(inside)
  if (/^\w+\.d$/.test(entry)) return true
  const of = entry.replace(/\.d$/, '')
  return names.some(
    (name) => of === name || of === name.replace(/\.\w+$/, '') || of === name.replace(/@.*\./, '@.'),
  )
}

function relatesTo(value: unknown, names: readonly string[]): boolean {
  const { id, related } = value as UnitValue
  return names.includes(id) || names.some((name) => related.includes(name))
}

function unitOf(
  properties: ReadonlyMap<string, string>,
  startedBySysV: boolean,
  near: readonly string[],
): UnitValue {
  const property = (name: string): string => properties.get(name) ?? ''
  const id = property('Id')
  const load = property('LoadState')
  if (id === '' || load === '') throw new Error('systemctl described a unit without Id and LoadState')
  const enabled = enabledOf(property('UnitFileState'), startedBySysV)
  return {
    exists: load !== 'not-found',
    id,
    active: property('ActiveState'),
    sub: property('SubState'),
    ...(enabled === undefined ? {} : { enabled }),
    masked: load === 'masked',
    needsReload: property('NeedDaemonReload') === 'yes',
    canReload: property('CanReload') === 'yes',
    runsOnce: property('Type') === 'oneshot' && property('RemainAfterExit') !== 'yes',
    ...(load === 'not-found' ? { near: [...new Set(near)] } : {}),
    related: relations
      .flatMap((relation) => property(relation).split(' '))
      .filter((other) => suffix.test(other)),
  }
}

/** php-fpm is like php8.2-fpm, and mysqld like mysql. */
function likeness(name: string): RegExp {
  const stem = name.replace(suffix, '').replace(/@.*/, '')
  const words = stem.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '')
  return new RegExp(`${words.join('.*')}|^${(words[0] ?? '').slice(0, 4)}`)
}

function enabledOf(state: string, startedBySysV: boolean): boolean | undefined {
  switch (state) {
    case 'enabled':
      return true
    case 'enabled-runtime':
    case 'disabled':
    case 'linked':
    case 'linked-runtime':
    case 'masked':
    case 'masked-runtime':
    case 'bad':
      return false
    case 'generated':
    case '':
      return startedBySysV
    case 'static':
    case 'indirect':
    case 'alias':
    case 'transient':
      return undefined
    default:
      throw new Error(`systemctl knows a UnitFileState that is not understood: ${state}`)
  }
}
