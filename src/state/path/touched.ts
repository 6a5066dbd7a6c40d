import type { Dependencies } from '../definition/dependencies.ts'
import { pathsOf } from '../definition/kind.ts'
import type { Scope, WriteTo } from '../definition/write.ts'
import { endOf, type PathQuestion, type PathState } from './value.ts'

/** The directories in which packages install nothing, by Debian's policy. */
const withoutPackages = ['/srv', '/home', '/root', '/opt', '/usr/local']
const ofServices = ['/run', '/var', '/tmp']

/**
 * Returns the dependencies of an answer that consists of answers about paths.
 * @param partsOf returns the questions about paths and their answers
 */
export function pathDependencies<Question, Value>(
  partsOf: (question: Question, answer: Value) => readonly (readonly [PathQuestion, PathState])[],
): Dependencies<Question, Value> {
  return {
    scopes: (scope, question, answer) =>
      partsOf(question, answer).some(([{ path }, state]) => touchedByScope(placesOf(path, state), scope)),
    kinds: {
      path: (write, question, answer) =>
        partsOf(question, answer).some(([one, state]) => touchedByPath(one, write, state)),
      user: (write, question, answer) =>
        partsOf(question, answer).some(([{ path }, state]) => touchedByUser(path, write, state)),
      group: ({ subject, value }, question, answer) =>
        partsOf(question, answer).some(([, state]) => ownershipChanges(state, 'group', subject, value)),
    },
    others(write, question, answer) {
      const written = pathsOf(write)
      return (
        written === undefined ||
        partsOf(question, answer).some(([{ path }, state]) => isUnderAny(placesOf(path, state), written))
      )
    },
  }
}

function touchedByScope(places: readonly string[], scope: Scope): boolean {
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
 * Returns whether a write to a path may change the answer. A write above it does if a directory is created, removed or
 * a symlink; a write below it creates the directories above. Modules never replace something else by a directory.
 */
function touchedByPath(
  question: PathQuestion,
  { subject, value }: WriteTo<'path'>,
  answer: PathState,
): boolean {
  const places = placesOf(question.path, answer)
  const written = [subject, ...(value?.real === undefined ? [] : [value.real])]
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

/** Returns whether a write to a user may change the answer: a user gives a uid a name, and has a home directory. */
function touchedByUser(path: string, { subject, value }: WriteTo<'user'>, answer: PathState): boolean {
  if (ownershipChanges(answer, 'owner', subject, value)) return true
  if (ownershipChanges(answer, 'group', subject, undefined)) return true
  const places = placesOf(path, answer)
  if (value?.exists !== true) return isUnderAny(places, ['/home', '/var/mail', '/var/spool'])
  const home = value.home ?? `/home/${subject}`
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

/** Returns all names of the path that the answer is about. */
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
