import { suffix } from './suffix.ts'
import type { UnitValue } from './value.ts'

/** The properties with names of units that may start or stop together with a unit. */
export const relations = [
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

/** Parses the output of systemctl show for a unit. */
export function unitOf(
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

/** Returns a POSIX extended regular expression for similar names: php-fpm is similar to php8.2-fpm, mysqld to mysql. */
export function likenessPattern(name: string): string {
  const words = wordsOf(name)
  return `${words.join('.*')}|^${beginningOf(words)}`
}

/** Returns whether the names are similar by the same rule, in linear time. */
export function isLike(name: string, other: string): boolean {
  const words = wordsOf(name)
  let position = 0
  const hasAllWords = words.every((word) => {
    const found = other.indexOf(word, position)
    position = found + word.length
    return found !== -1
  })
  return hasAllWords || other.startsWith(beginningOf(words))
}

function wordsOf(name: string): string[] {
  const stem = name.replace(suffix, '').replace(/@.*/, '')
  return stem.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '')
}

function beginningOf([first = '']: readonly string[]): string {
  return first.slice(0, 4)
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
      throw new Error(`unknown UnitFileState: ${state}`)
  }
}
