import type { Change } from '../modules/definition/change.ts'
import { secretMark } from '../variables/secrets/secrets.ts'
import { credentialIn } from './credential.ts'
import type { RunEvent } from './event.ts'

/**
 * Hides secrets of earlier runs, whose values are no longer known, in the lines that a change removes or keeps.
 * The known secrets of the event must be masked already: in separate lines they would not be recognized.
 */
export function hideFormerSecrets(event: RunEvent): RunEvent {
  if (event.event !== 'task') return event
  const { changes, items } = event
  return {
    ...event,
    changes: changes.map(hideIn),
    ...(items && { items: items.map((item) => ({ ...item, changes: item.changes.map(hideIn) })) }),
  }
}

function hideIn(change: Change): Change {
  const { before, after } = change
  if (typeof before !== 'string') return change
  const wanted = typeof after === 'string' ? after.split('\n') : []
  const present = before.split('\n')
  const kept = new Set(wanted)
  const wantedSecrets = wanted.filter((line) => line.includes(secretMark))
  const names = new Set(wantedSecrets.flatMap((line) => nameOf(line) ?? []))
  const shown = new Map(
    privateKeysHidden(present).map((line, index) => {
      const written = present[index] ?? ''
      if (line !== written || line === '') return [written, line]
      // A removed line may hold the former value of any secret that is added.
      const isHidden = wantedSecrets.length > 0 && !kept.has(line)
      return [line, isHidden ? secretMark : hideCredentials(line, names)]
    }),
  )
  const show = (line: string): string => shown.get(line) ?? line
  return {
    ...change,
    before: present.map(show).join('\n'),
    ...(typeof after === 'string' ? { after: wanted.map(show).join('\n') } : {}),
  }
}

/** @param names the starts of lines that set a known secret */
function hideCredentials(line: string, names: ReadonlySet<string>): string {
  const name = nameOf(line)
  const value = name !== undefined && names.has(name) ? line.indexOf(name) + name.length : credentialIn(line)
  return value === undefined ? line : `${line.slice(0, value)}${secretMark}`
}

/** Returns the name and separator of an assignment: `password = ` of `password = secret`. */
function nameOf(line: string): string | undefined {
  return /^[^=:]*[=:]\s*/.exec(line.trimStart())?.[0]
}

/** Replaces every line of a private key. */
function privateKeysHidden(lines: readonly string[]): string[] {
  let inside = false
  return lines.map((line) => {
    if (line.includes('-----BEGIN ') && line.includes('PRIVATE KEY-----')) inside = true
    const shown = inside ? secretMark : line
    if (line.includes('-----END ')) inside = false
    return shown
  })
}
