import { isWriteTo, type Scope, type Write, type WriteTo } from '../definition/write.ts'
import { endOf, type ExistingPath, type PathQuestion, type PathState } from './value.ts'

/** Files in /etc that maintainer scripts change. */
const registries =
  /^\/etc\/(passwd|group|g?shadow|sub[ug]id|shells|mailcap|ld\.so\.cache|ca-certificates\.conf|(alternatives|ssl\/certs|rc\w\.d)\/.*)-?$/

const root = { owner: 'root', group: 'root', uid: 0, gid: 0 } as const

/** The states that packages may create at an absent path: with the usual owner and mode, or others. */
const contents: readonly ExistingPath[] = [
  { exists: true, type: 'file', mode: '0644', ...root },
  { exists: true, type: 'directory', mode: '0755', ...root },
]
const others: readonly ExistingPath[] = [
  { exists: true, type: 'file', mode: '0600' },
  { exists: true, type: 'directory', mode: '0700' },
]

/** The directories that services write to. Files that were deployed to /var/www are not theirs. */
const ofServices = [
  '/run/',
  '/tmp/',
  '/var/lib/',
  '/var/log/',
  '/var/cache/',
  '/var/spool/',
  '/var/tmp/',
  '/var/run/',
]

/**
 * Returns the answers that are possible after a write of packages or services. By Debian's policy (10.7.3), packages
 * keep files in /etc. Directories that exist stay unchanged. The content of a new file is unknown.
 */
export function possiblePaths(
  question: PathQuestion,
  write: Write,
  answer: PathState,
): readonly PathState[] | undefined {
  if (write.type === 'scope') return afterScope(question, write.scope, answer)
  if (write.kind === 'deployment') return answer.exists ? undefined : [answer, ...contents]
  if (write.kind === 'unit') return afterScope(question, 'services', answer)
  return isWriteTo(write, 'path') ? afterFileBelow(question, write, answer) : undefined
}

/** Returns the directory that a write below an absent path creates. */
function afterFileBelow(
  question: PathQuestion,
  { subject, value: file }: WriteTo<'path'>,
  answer: PathState,
): readonly PathState[] | undefined {
  const isBelow = subject.startsWith(`${question.path}/`)
  if (file?.exists !== true || answer.exists || !isBelow || question.times === true) return undefined
  return [{ exists: true, type: 'directory', mode: '0755' }]
}

function afterScope(
  question: PathQuestion,
  scope: Scope,
  answer: PathState,
): readonly PathState[] | undefined {
  if (scope === 'anything' || question.times === true) return undefined
  if (stays(question, scope, answer)) return [answer]
  if (answer.exists || question.content === 'always' || answer.denied === true) return undefined
  const plain = question.sha256 !== true && question.content === undefined
  const real = answer.real === undefined ? {} : { real: answer.real }
  return [answer, ...[...contents, ...(plain ? others : [])].map((one) => ({ ...one, ...real }))]
}

function stays(question: PathQuestion, scope: 'packages' | 'services', answer: PathState): boolean {
  const end = endOf(answer)
  if (end.exists && end.type === 'directory') return true
  const places = [question.path, answer.real, end.real].filter((place) => place !== undefined)
  if (scope === 'services') return !places.some((place) => ofServices.some((one) => place.startsWith(one)))
  return answer.exists && places.every((place) => place.startsWith('/etc/') && !registries.test(place))
}
