import type { GroupValue, UserValue } from '../account/value.ts'
import type { ScopeWrite, ThingWrite, Write } from '../definition/key.ts'
import { endOf, type PathQuestion, type PathState } from './value.ts'

/** Where packages put nothing, by Debian's policy. */
const withoutPackages = ['/srv', '/home', '/root', '/opt', '/usr/local']
const ofServices = ['/run', '/var', '/tmp']

/** Where the things of other kinds are files too; a kind that is not named here may write anything. */
const ofKinds = new Map<string, readonly string[]>([
  ['unit', ['/etc/systemd', '/lib/systemd', '/usr/lib/systemd', ...ofServices]],
  ['apt-lists', ['/var/lib/apt', '/var/cache/apt']],
  ['apt-sources', ['/etc/apt']],
  // what its scripts and files do is said by the scope 'packages'
  ['package', ['/var/lib/dpkg', '/var/lib/apt']],
  ['hostname', ['/etc/hostname']],
  ['timezone', ['/etc/localtime', '/etc/timezone']],
  ['mysql', ['/var/lib/mysql']],
  ['sysctl', ['/proc/sys']],
  ['unit-files', []],
  ['crontab', ['/etc/cron.d', '/etc/crontab', '/var/spool/cron']],
])

/** Whether a write to something else may change the answer to a question about a path. */
export function pathTouchedBy(question: PathQuestion, write: Write, answer: PathState): boolean {
  const places = placesOf(question.path, answer)
  if (write.type === 'scope') return touchedByScope(places, write)
  if (write.kind === 'path') return touchedByPath(question, places, write, answer)
  if (write.kind === 'user') return touchedByUser(places, write, answer)
  if (write.kind === 'group')
    return ownershipChanges(answer, 'group', write.subject, write.value as GroupValue | undefined)
  if (write.kind === 'sysctl') return isUnderAny(places, [write.subject.replace(/^.* in /, ''), '/proc/sys'])
  if (write.kind === 'deployment')
    return isUnderAny(
      places,
      ['current', 'candidate', 'releases', 'deploy'].map((name) => `${write.subject}/${name}`),
    )
  if (write.kind === 'deploy-lock') return isUnderAny(places, [`${write.subject}/deploy`])
  const roots = ofKinds.get(write.kind)
  return roots === undefined || isUnderAny(places, roots)
}

function touchedByScope(places: readonly string[], { scope }: ScopeWrite): boolean {
  switch (scope) {
    case 'packages':
      return !places.every((place) => isUnderAny([place], withoutPackages))
    case 'services':
      return isUnderAny(places, ofServices)
    case 'anything':
      return true
  }
}

/**
 * A write to a path above changes what is below when a directory comes, goes or is a link; one to a path below
 * makes the directories above. The modules never put a directory where something else was.
 */
function touchedByPath(
  question: PathQuestion,
  places: readonly string[],
  write: ThingWrite,
  answer: PathState,
): boolean {
  const value = write.value as PathState | undefined
  const written = [write.subject, ...(value?.real === undefined ? [] : [value.real])]
  const redirects = value === undefined || !value.exists || value.type === 'link'
  if (redirects && goesThroughLinks(question, answer)) return true
  if (places.some((place) => written.includes(place))) return true
  if (places.some((place) => written.some((one) => isUnder(place, one))))
    return redirects
      ? value === undefined || value.exists || answer.exists
      : value.type !== 'directory' && answer.exists
  if (places.some((place) => written.some((one) => isUnder(one, place))))
    return question.times === true || (value?.exists !== false && !endOf(answer).exists)
  return false
}

/** A new user may have a name for a number, and has a home. */
function touchedByUser(places: readonly string[], write: ThingWrite, answer: PathState): boolean {
  const value = write.value as UserValue | undefined
  if (ownershipChanges(answer, 'owner', write.subject, value)) return true
  if (ownershipChanges(answer, 'group', write.subject, undefined)) return true
  if (value?.exists !== true) return isUnderAny(places, ['/home', '/var/mail', '/var/spool'])
  const home = value.home ?? `/home/${write.subject}`
  return places.some(
    (place) => place === home || (isUnder(place, home) && (answer.exists || place.includes('/.'))),
  )
}

function ownershipChanges(
  answer: PathState,
  field: 'owner' | 'group',
  name: string,
  value: { readonly exists: boolean } | undefined,
): boolean {
  return [answer, endOf(answer)].some((state) => {
    if (!state.exists) return false
    const holder = state[field]
    return holder === undefined || /^\d+$/.test(holder) || (holder === name && value?.exists !== true)
  })
}

function goesThroughLinks(question: PathQuestion, answer: PathState): boolean {
  if (answer.real !== undefined && answer.real !== question.path) return true
  return question.follow === true && answer.exists && answer.type === 'link'
}

/** Every name of what the answer is about. */
function placesOf(path: string, answer: PathState): string[] {
  const end = endOf(answer)
  return [path, answer.real, end.real].filter((place) => place !== undefined)
}

function isUnder(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

function isUnderAny(places: readonly string[], directories: readonly string[]): boolean {
  return places.some((place) => directories.some((one) => place === one || isUnder(place, one)))
}
