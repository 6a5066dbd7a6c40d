import { sh, type Script } from '../../src/target/sh.ts'

/** The visible state of deploys on a machine with the site of the tests, as the documentation describes it. */
export interface Sight {
  readonly current: string
  readonly candidate: string
  /** The slot that visitors use. */
  readonly slot: string
  /** The running slots. */
  readonly running: readonly string[]
  /** The PHP-FPM that visitors use. */
  readonly pid: number
  readonly isLocked: boolean
  /** The folders of releases, with any name. */
  readonly folders: readonly string[]
  /** The recorded states of releases. */
  readonly states: ReadonlyMap<string, string>
  /** Files that an upload left behind. */
  readonly uploads: readonly string[]
}

const script = sh`
  cd /srv/foobar
  name() { readlink "$1" | sed 's,.*/,,'; }
  slot=$(readlink current/fpm.sock | sed 's/.*-\\(.*\\)\\.sock/\\1/')
  echo "current $(name current)"
  echo "candidate $(name candidate)"
  echo "slot $slot"
  echo "pid $(systemctl show --property=MainPID --value foobar-php@"$slot")"
  for one in blue green; do
    if [ "$(systemctl is-active foobar-php@$one)" != inactive ]; then echo "running $one"; fi
  done
  if [ -e deploy/lock ]; then echo 'locked yes'; fi
  for folder in releases/*; do echo "folder \${folder##*/}"; done
  for state in deploy/states/*; do echo "state \${state##*/} $(cut -d ' ' -f 1 "$state")"; done
  for upload in /var/tmp/hostwright-*; do if [ -e "$upload" ]; then echo "upload $upload"; fi; done
`

export async function look(onHost: (script: Script) => Promise<string>): Promise<Sight> {
  const words = (await onHost(script)).split('\n').map((line) => line.split(' '))
  const all = (name: string) => words.filter(([first]) => first === name).map(([, ...rest]) => rest)
  const one = (name: string) => all(name)[0]?.[0] ?? ''
  return {
    ...{ current: one('current'), candidate: one('candidate'), slot: one('slot'), pid: Number(one('pid')) },
    running: all('running').flat(),
    isLocked: all('locked').length > 0,
    folders: all('folder').flat(),
    states: new Map(all('state').map(([id = '', state = '']) => [id, state])),
    uploads: all('upload').flat(),
  }
}

/** Returns the leftovers that must not exist after a successful deploy. */
export function untidiness(sight: Sight): string[] {
  const { current, candidate, slot, running, isLocked, folders, states, uploads } = sight
  const others = [...states].filter(([id]) => id !== current)
  return [
    ...(isLocked ? ['a lock'] : []),
    ...(candidate === current ? [] : [`a candidate ${candidate} beside ${current}`]),
    ...(running.join() === slot ? [] : [`running: ${running.join(' and ')}, live: ${slot}`]),
    ...folders.filter((folder) => !states.has(folder)).map((folder) => `a folder ${folder}`),
    ...[...states.keys()].filter((id) => !folders.includes(id)).map((id) => `a note about ${id}`),
    ...(states.get(current) === 'live' ? [] : [`${current} is ${states.get(current) ?? 'unknown'}`]),
    ...others.filter(([, state]) => state !== 'retired').map(([id, state]) => `${id} is ${state}`),
    ...uploads,
  ]
}
