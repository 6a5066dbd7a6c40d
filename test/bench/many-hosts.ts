import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'

import { project } from '../integration/command.ts'
import { keyPair, startSshServer } from '../target/ssh/ssh-server.ts'
import type { Bench } from './bench.ts'
import { consumptionIn, recordingConsumption, type Consumption } from './consumption.ts'
import type { Figure } from './figure.ts'
import { measure, type Command } from './measured-process.ts'
import { insistOnNoChange } from './recap.ts'

const counts = [1, 10, 50, 100, 200, 500]

/** The number of hosts for the comparison of a play with one of four times as many tasks. */
const comparedCount = 100

/** The number of tasks of the play. */
const taskCount = 51

interface Hosts {
  readonly folder: string
  readonly port: number
}

/** Measures a run without changes on many hosts, which are all this computer, each at its own address. */
export async function manyHosts({ folder: parent, signal, say }: Bench): Promise<Figure[]> {
  const folder = join(parent, 'many-hosts')
  await mkdir(join(folder, 'data'), { recursive: true })
  const [hostKey, userKey] = [keyPair(), keyPair()]
  const addresses = Array.from({ length: Math.max(...counts) }, (_, index) => addressOf(index))
  const server = await startSshServer({
    hostKeys: [hostKey],
    authenticate: (attempt) => attempt.method === 'publickey' && attempt.key.data.equals(userKey.publicKey),
    addresses,
  })
  const hosts = { folder, port: server.port }
  try {
    await writeFile(join(folder, 'id'), userKey.private, { mode: 0o600 })
    const known = addresses.map((address) => `[${address}]:${server.port} ${hostKey.public}\n`)
    await writeFile(join(folder, 'known_hosts'), known.join(''))
    for (const tasks of [1, taskCount, 4 * taskCount]) await writePlaybook(folder, tasks)

    const consume = async (count: number, tasks: number): Promise<Consumption> => {
      const status = join(folder, `${count}-${tasks}`)
      const { stdout, seconds } = await measure(await runOn(hosts, count, tasks, status), signal)
      insistOnNoChange(`${tasks} tasks on ${count} hosts`, stdout)
      const consumed = await consumptionIn(status)
      const { cpuSeconds, peakMemory } = consumed
      say(
        `${count} hosts, ${tasks} tasks: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(2)} s of CPU time, ${peakMemory.toFixed(0)} MB`,
      )
      return consumed
    }
    await measure(await runOn(hosts, 1, 4 * taskCount, join(folder, 'first')), signal)
    return await figures(consume)
  } finally {
    await server.close()
  }
}

async function figures(consume: (count: number, tasks: number) => Promise<Consumption>): Promise<Figure[]> {
  const one = await consume(1, taskCount)
  const all: Figure[] = [
    { name: 'one host: CPU time', values: [one.cpuSeconds], unit: 's' },
    { name: 'one host: memory', values: [one.peakMemory], unit: 'MB' },
  ]
  for (const count of counts.filter((count) => count > 1)) {
    const many = await consume(count, taskCount)
    all.push(...furtherHosts(`${count} hosts`, count, one, many))
    if (count === 500)
      all.push({ name: '500 hosts: memory', values: [many.peakMemory], unit: 'MB', target: 300 })
  }
  for (const tasks of [1, 4 * taskCount]) {
    const alone = await consume(1, tasks)
    const many = await consume(comparedCount, tasks)
    const name = `${comparedCount} hosts, ${tasks} task${tasks === 1 ? '' : 's'}`
    all.push(...furtherHosts(name, comparedCount, alone, many))
  }
  return all
}

function furtherHosts(name: string, count: number, one: Consumption, many: Consumption): Figure[] {
  const each = (figure: keyof Consumption): number => (many[figure] - one[figure]) / (count - 1)
  return [
    {
      name: `${name}: CPU time of a further host`,
      values: [each('cpuSeconds')],
      unit: 's',
      target: 0.03,
    },
    { name: `${name}: memory of a further host`, values: [each('peakMemory')], unit: 'MB', target: 0.4 },
  ]
}

async function runOn(
  { folder, port }: Hosts,
  count: number,
  tasks: number,
  status: string,
): Promise<Command> {
  const inventory = join(folder, `${count}.ini`)
  const names = Array.from({ length: count }, (_, index) => `host${index} ansible_host=${addressOf(index)}\n`)
  const variables = {
    ansible_port: port,
    ansible_user: userInfo().username,
    ansible_ssh_private_key_file: join(folder, 'id'),
    ansible_ssh_common_args: `-o UserKnownHostsFile=${join(folder, 'known_hosts')}`,
  }
  await writeFile(inventory, names.join(''))
  return {
    program: process.execPath,
    argv: [
      ...recordingConsumption(status),
      ...[`${project}dist/cli/launch.cjs`, 'run', playbookOf(folder, tasks)],
      ...['-i', inventory, '-e', JSON.stringify(variables)],
    ],
    cwd: folder,
  }
}

/** Returns a play of alternating `copy` and `file` tasks, after the folder that they need. */
async function writePlaybook(folder: string, count: number): Promise<void> {
  const tasks = Array.from({ length: count - 1 }, (_, index) =>
    index % 2 === 0
      ? {
          name: `Write file ${index}`,
          copy: {
            dest: `<%= base %>/file${index}`,
            content: `# of <%= owner_name %>\nnumber = ${index}\n`,
            mode: '0644',
          },
        }
      : {
          name: `Create directory ${index}`,
          file: { path: `<%= base %>/directory${index}`, state: 'directory', mode: '0750' },
        },
  )
  const play = {
    name: 'Many hosts',
    hosts: 'all',
    gather_facts: false,
    vars: { base: join(folder, 'data'), owner_name: 'the benchmark' },
    tasks: [
      { name: 'Create the folder', file: { path: '<%= base %>', state: 'directory', mode: '0755' } },
      ...tasks,
    ],
  }
  await writeFile(playbookOf(folder, count), JSON.stringify([play], null, 2))
}

function playbookOf(folder: string, tasks: number): string {
  return join(folder, `${tasks}-tasks.yml`)
}

/** Returns an address of this computer other than its usual one. */
function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`
}
