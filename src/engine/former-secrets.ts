import type { Change } from '../modules/module.ts'
import { secretMark, type Secrets } from '../variables/secrets.ts'
import { credentialIn } from './credential.ts'
import type { RunEvent } from './event.ts'

/**
 * Hides secrets of earlier runs, whose values are no longer known, in what was there before: in the lines that go, and
 * in those that stay and are shown around a change.
 */
export function hideFormerSecrets(event: RunEvent, secrets: Secrets): RunEvent {
  if (event.event !== 'task') return event
  const hide = (changes: readonly Change[]) => changes.map((change) => hideIn(change, secrets))
  const { changes, items } = event
  return {
    ...event,
    changes: hide(changes),
    ...(items && { items: items.map((item) => ({ ...item, changes: hide(item.changes) })) }),
  }
}

function hideIn(change: Change, secrets: Secrets): Change {
  const { before, after } = change
  if (typeof before !== 'string') return change
  const wanted = typeof after === 'string' ? after.split('\n') : []
  const present = before.split('\n')
  const staying = new Set(wanted)
  const secretNames = namesOfSecrets(wanted, secrets)
  // Where a secret comes to stand, another one may have stood.
  const hideGoing = secretNames === undefined ? hideCredentials : () => secretMark
  const hideStaying = (line: string): string => hideCredentials(line, secretNames)
  const known = new Map(
    privateKeysHidden(present).map((shown, index) => {
      const line = present[index] ?? ''
      if (shown !== line || line === '') return [line, shown]
      return [line, staying.has(line) ? hideStaying(line) : hideGoing(line)]
    }),
  )
  const show = (line: string): string => known.get(line) ?? line
  return {
    ...change,
    before: present.map(show).join('\n'),
    ...(typeof after === 'string' ? { after: wanted.map(show).join('\n') } : {}),
  }
}

/** What the lines that hold a secret begin with; undefined where none does. */
function namesOfSecrets(lines: readonly string[], secrets: Secrets): ReadonlySet<string> | undefined {
  const text = lines.join('\n')
  if (secrets.mask(text) === text) return undefined
  return new Set(lines.filter((line) => secrets.mask(line) !== line).flatMap((line) => nameOf(line) ?? []))
}

function hideCredentials(line: string, names?: ReadonlySet<string>): string {
  const name = nameOf(line)
  const value =
    name !== undefined && names?.has(name) === true ? line.indexOf(name) + name.length : credentialIn(line)
  return value === undefined ? line : `${line.slice(0, value)}${secretMark}`
}

/** `password = ` of `password = secret`. */
function nameOf(line: string): string | undefined {
  return /^[^=:]*[=:]\s*/.exec(line.trimStart())?.[0]
}

/** The lines of private keys are hidden. */
function privateKeysHidden(lines: readonly string[]): string[] {
  let inside = false
  return lines.map((line) => {
    if (line.includes('-----BEGIN ') && line.includes('PRIVATE KEY-----')) inside = true
    const shown = inside ? secretMark : line
    if (line.includes('-----END ')) inside = false
    return shown
  })
}
