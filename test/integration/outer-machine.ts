import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Everything that a throw-away machine could leave behind on the outer one. */
export interface OuterState {
  readonly mounts: string[]
  readonly interfaces: string[]
  readonly routes: string[]
  readonly ruleset: string[]
  readonly controlGroups: string[]
  /** The processes that belong to the machine. */
  readonly processes: string[]
  /** The names in the state folder, except those of images. */
  readonly files: string[]
}

/**
 * Returns the state of the outer machine, without that of other throw-away machines and other tests, which may start
 * and end meanwhile.
 */
export async function outerState(id: string, name: string, home: string): Promise<OuterState> {
  const isOurs = (line: string) =>
    (line.match(/hw-[0-9a-f]{12}|test-\d+-[\w-]+/g) ?? []).every((found) => found === id)
  const links = (await execute('ip', ['-oneline', 'link'])).stdout.split('\n')
  const routes = (await execute('ip', ['-4', 'route', 'show', 'table', 'all'])).stdout.split('\n')
  return {
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').sort(),
    // the state and the counters of an interface change without a cause here
    interfaces: links
      .map((line) => line.split(/[:@] ?/)[1] ?? '')
      .filter(isOurs)
      .sort(),
    routes: routes.filter(isOurs).sort(),
    ruleset: tables((await execute('nft', ['list', 'ruleset'])).stdout)
      .filter(isOurs)
      .filter((table) => !isSharedByAll(table)),
    controlGroups: await controlGroups(id),
    processes: await processes(id, `${home}/machines/${name}/`),
    files: await namesIn(home, name),
  }
}

/** Returns what exists after and did not exist before. */
export function leftOver(before: OuterState, after: OuterState): string[] {
  const known = new Set((Object.values(before) as string[][]).flat())
  return (Object.values(after) as string[][]).flat().filter((entry) => !known.has(entry))
}

/** Returns whether a table exists as long as any machine exists. */
function isSharedByAll(table: string): boolean {
  return table.startsWith('table inet hostwright-sandbox ')
}

function tables(ruleset: string): string[] {
  return ruleset.split(/^(?=table )/m)
}

async function controlGroups(id: string): Promise<string[]> {
  const { stdout } = await execute('unshare', [
    ...['--mount', 'sh', '-c'],
    `mount -t cgroup2 cgroup2 /tmp && find /tmp -name "$1"`,
    ...['sh', id],
  ])
  return stdout.split('\n')
}

async function processes(id: string, folder: string): Promise<string[]> {
  const inGroup = async (pid: string) => (await readFile(`/proc/${pid}/cgroup`, 'utf8')).includes(id)
  const all = await running()
  const found = await Promise.all(
    all.map(async ({ pid, command }) => command.includes(folder) || (await inGroup(pid).catch(() => false))),
  )
  return all.filter((_, index) => found[index]).map(({ pid, command }) => `${pid} ${command}`)
}

/** Returns the command lines of the processes that name a folder. */
export async function processesIn(folder: string): Promise<string[]> {
  return (await running()).map(({ command }) => command).filter((command) => command.includes(folder))
}

async function running(): Promise<{ pid: string; command: string }[]> {
  const found: { pid: string; command: string }[] = []
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ') Z ')
    // a zombie: its parent has not read the exit code yet
    if (status.includes(') Z ')) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    found.push({ pid, command: command.replaceAll('\0', ' ') })
  }
  return found
}

async function namesIn(home: string, name: string): Promise<string[]> {
  const folders = await Promise.all(
    ['machines', 'snapshots', 'trash'].map(
      async (folder) => [folder, await readdir(`${home}/${folder}`).catch(() => [])] as const,
    ),
  )
  return folders.flatMap(([folder, names]) =>
    names
      .filter((entry) => (folder === 'trash' ? !isThrownAwayByOthers(entry) : entry === name))
      .map((entry) => `${folder}/${entry}`),
  )
}

/** Returns whether the entry belongs to a running process, which will remove it. */
function isThrownAwayByOthers(entry: string): boolean {
  const [pid = ''] = entry.split('.')
  return Number(pid) !== process.pid && existsSync(`/proc/${pid}`)
}
