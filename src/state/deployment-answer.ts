import type { CurrentLink, Deployment, DeploymentQuestion, Release, ReleaseState } from './deployment.ts'
import { OutputCursor } from './output-cursor.ts'

const states: ReadonlySet<string> = new Set<ReleaseState>([
  'ready',
  'live',
  'retired',
  'bad',
  'failed',
  'foreign',
])

export function parseDeployments(output: string, questions: readonly DeploymentQuestion[]): Deployment[] {
  const cursor = new OutputCursor(output)
  const answers = questions.map(() => parseDeployment(cursor))
  cursor.end()
  return answers
}

function parseDeployment(cursor: OutputCursor): Deployment {
  const current = currentOf(cursor.until('\0'))
  const candidate = currentOf(cursor.until('\0'))
  const maintenance = cursor.until('\0') === 'y'
  const slots: Record<string, string> = {}
  const releases: Release[] = []
  const unfinished: string[] = []
  for (let word = cursor.until('\0'); word !== '.'; word = cursor.until('\0')) {
    const name = word.slice(1)
    if (word.startsWith('s')) slots[name] = cursor.until('\0').trim()
    else if (word.startsWith('r')) {
      const release = parseRelease(name, cursor)
      if (name.endsWith('.partial')) unfinished.push(name)
      else releases.push(release)
    } else throw new Error(`a word about a deployment that is not understood: ${word}`)
  }
  releases.sort((one, other) => (one.id < other.id ? -1 : 1))
  return {
    ...{ current, releases, unfinished, slots, maintenance },
    ...(candidate.type === 'release' ? { candidate: candidate.id } : {}),
  }
}

function parseRelease(id: string, cursor: OutputCursor): Release {
  const [state = '', since] = cursor.until('\0').trim().split(' ')
  const socket = cursor.until('\0')
  const information = informationOf(cursor.until('\0'))
  return {
    id,
    state: states.has(state) ? (state as ReleaseState) : 'foreign',
    information,
    ...(since === undefined ? {} : { since }),
    ...(socket.startsWith('l') ? { socket: socket.slice(1) } : {}),
  }
}

/** "releases/<id>", as our links have it, or the same from the root. */
function currentOf(word: string): CurrentLink {
  if (word === '-') return { type: 'absent' }
  const id = /^l(?:.*\/)?releases\/([^/]+)\/?$/.exec(word)?.[1]
  return id === undefined ? { type: 'foreign' } : { type: 'release', id }
}

/** A file that people may have edited: what is no JSON object says nothing. */
function informationOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : {}
  } catch {
    return {}
  }
}
