import { jsonObject } from '../parse/json-object.ts'
import { OutputCursor } from '../parse/output-cursor.ts'
import { parseInspection } from './insecure-places.ts'
import type { CurrentLink, Deployment, DeploymentQuestion, Release, ReleaseState } from './value.ts'

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
  const answers = questions.map(({ root }) => parseDeployment(root, cursor))
  cursor.end()
  return answers
}

function parseDeployment(root: string, cursor: OutputCursor): Deployment {
  const { user, insecure } = parseInspection(cursor.until('\0'))
  const current = linkOf(cursor.until('\0'), root)
  const candidate = linkOf(cursor.until('\0'), root)
  const maintenance = cursor.until('\0') === 'y'
  const reasons = new Map(insecure.map(({ path, reason }) => [path, reason]))
  const around = insecure.filter(({ path }) => !path.startsWith(`${root}/releases/`))
  const slots: Record<string, string> = {}
  const releases: Release[] = []
  const unfinished: string[] = []
  for (let word = cursor.until('\0'); word !== '.'; word = cursor.until('\0')) {
    const name = word.slice(1)
    if (word.startsWith('s')) slots[name] = cursor.until('\0').trim()
    else if (word.startsWith('r')) {
      const release = parseRelease(name, cursor, reasons.get(`${root}/releases/${name}`))
      if (name.endsWith('.partial')) unfinished.push(name)
      else releases.push(release)
    } else throw new Error(`unexpected word about a deployment: ${word}`)
  }
  releases.sort((one, other) => (one.id < other.id ? -1 : 1))
  return {
    ...{ current, releases, unfinished, slots, maintenance },
    ...(candidate.type === 'release' ? { candidate: candidate.id } : {}),
    ...(user === 0 ? {} : { user }),
    ...(around.length === 0 ? {} : { insecure: around }),
  }
}

function parseRelease(id: string, cursor: OutputCursor, insecure: string | undefined): Release {
  const [state = '', since] = cursor.until('\0').trim().split(' ')
  const socket = cursor.until('\0')
  const information = jsonObject(cursor.until('\0'))
  return {
    id,
    state: states.has(state) ? (state as ReleaseState) : 'foreign',
    information,
    ...(since === undefined ? {} : { since }),
    ...(socket.startsWith('l') ? { socket: socket.slice(1) } : {}),
    ...(insecure === undefined ? {} : { insecure }),
  }
}

/** Parses the symlink to a release: "releases/<id>" or the same as an absolute path. */
function linkOf(word: string, root: string): CurrentLink {
  if (word === '-') return { type: 'absent' }
  const target = word.slice(1)
  const relative = target.startsWith(`${root}/`) ? target.slice(root.length + 1) : target
  const id = word.startsWith('l') ? /^(?:\.\/)?releases\/([^/]+)\/?$/.exec(relative)?.[1] : undefined
  return id === undefined ? { type: 'foreign' } : { type: 'release', id }
}
