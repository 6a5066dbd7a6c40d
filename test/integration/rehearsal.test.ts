import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { down, find } from '../../src/sandbox/index.ts'
import { hostwright, project, runJson } from './command.ts'
import { ssh, testName } from './machine.ts'

const execute = promisify(execFile)
const marker = '/tmp/rehearsed'

const playbook = `
- hosts: all
  tasks:
    - name: leave a mark
      command: touch ${marker}
`

describe('a rehearsal', () => {
  const host = testName('rehearsed')
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-rehearsal-'))
    await writeFile(join(folder, 'play.yml'), playbook)
  })
  after(async () => {
    if ((await find(host)) !== undefined) await down(host)
    await rm(folder, { recursive: true, force: true })
  })

  async function rehearse(inventory: string): Promise<string | undefined> {
    const file = join(folder, 'inventory.yml')
    await writeFile(file, inventory)
    const run = await runJson([join(folder, 'play.yml'), '-i', file, '--sandbox'])
    expect(run.stderr).to.include(`${host} is a throw-away machine`)
    expect(run.code).to.equal(0)
    return run.tasks.find(({ task }) => task === 'leave a mark')?.status
  }

  it('runs on a throw-away machine and opens no connection to the address in the inventory', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const address = { ansible_host: '127.0.0.1', ansible_port: port }
      expect(await rehearse(JSON.stringify({ all: { hosts: { [host]: address } } }))).to.equal('changed')
    } finally {
      server.close()
    }
    expect(connections).to.equal(0)
    const machine = await find(host)
    if (machine === undefined) throw new Error(`${host} is not running`)
    expect(await ssh(machine, `ls ${marker}`)).to.include({ code: 0, stdout: `${marker}\n` })
  })

  it('sends no packet to the server of the shipped inventory', async () => {
    const [, address = ''] = /ansible_host: (\S+)/.exec(await shippedInventory()) ?? []
    const counter = await countPacketsTo(address)
    try {
      expect(await rehearse(await shippedInventory())).to.equal('changed')
      expect(await counter.packets()).to.equal(0)
    } finally {
      await counter.remove()
    }
  })

  it('runs tasks of the controller there, and starts no machine for it', async () => {
    const file = join(folder, 'local.yml')
    const play = (hosts: string, keywords: string): string =>
      `- hosts: ${hosts}\n${keywords}  tasks: [{command: hostname, register: who}, {debug: {msg: "<%= who.stdout %>"}}]\n`
    await writeFile(file, play('localhost', '') + play(testName('nobody'), '  connection: local\n'))
    const inventory = ['-i', `${testName('nobody')},`]
    const run = await runJson([file, ...inventory, '--sandbox'])
    expect(run.stderr).to.equal('')
    const { stdout: own } = await execute('hostname')
    const said = run.tasks.flatMap(({ module, msg }) => (module === 'debug' ? [msg] : []))
    expect(said).to.deep.equal([own.trim(), own.trim()])
    expect(await find(testName('nobody'))).to.equal(undefined)
  })

  it('keeps the machine running: it is listed, runs commands, returns their exit codes, and can be removed', async () => {
    const machine = await find(host)
    const { stdout: listed } = await hostwright(['sandbox', 'list'])
    expect(listed).to.include(`${host}  bookworm  deploy@${String(machine?.address)}\n`)

    const inside = await hostwright(['sandbox', 'ssh', host, '--', 'id', '-un'])
    expect(inside).to.include({ code: 0, stdout: 'root\n' })
    expect((await hostwright(['sandbox', 'ssh', host, '--', 'false'])).code).to.equal(1)

    expect(await hostwright(['sandbox', 'down', host])).to.include({ code: 0, stderr: '' })
    expect((await hostwright(['sandbox', 'list'])).stdout).not.to.include(host)
    const again = await hostwright(['sandbox', 'ssh', host])
    expect(again.code).to.equal(66)
    expect(again.stderr).to.include(`no machine ${host} is running`)
  })

  it('removes the other machines if one of the names does not exist', async () => {
    const other = testName('other')
    await hostwright(['sandbox', 'up', other])
    const { code, stderr } = await hostwright(['sandbox', 'down', testName('nobody'), other])
    expect(stderr).to.include(`no throw-away machine ${testName('nobody')}`)
    expect(code).to.equal(1)
    expect(await find(other)).to.equal(undefined)
  })

  it('suggests to non-root users how to work without a throw-away machine', async () => {
    const program = `
      import { rehearsalMachines } from ${JSON.stringify(join(project, 'src/run/rehearsal.ts'))}
      import ${JSON.stringify(join(project, 'src/sandbox/index.ts'))}
      process.setuid(65534)
      await rehearsalMachines(['web'], {}).catch((error) => {
        console.log(error.message, error.hint)
      })`
    const arguments_ = ['--import', 'tsx', '--input-type=module', '--eval', program]
    const { stdout } = await execute(process.execPath, arguments_, { cwd: project })
    expect(stdout).to.match(
      /^throw-away machines need root use sudo, or run without --sandbox on .* -i "HOST,"/,
    )
  })

  async function shippedInventory(): Promise<string> {
    const text = await readFile(join(project, 'inventory/production.yml'), 'utf8')
    return text.replaceAll('www.foobar.com', host)
  }
})

interface Counter {
  packets(): Promise<number>
  remove(): Promise<void>
}

/** Counts the packets that this machine sends to an address, and drops them. */
async function countPacketsTo(address: string): Promise<Counter> {
  const table = testName('counter')
  const rules = `table ip ${table} {
    counter sent { }
    chain output {
      type filter hook output priority filter; policy accept;
      ip daddr ${address} counter name sent drop
    }
  }`
  const made = execute('nft', ['-f', '-'])
  made.child.stdin?.end(rules)
  await made
  return {
    packets: async () => {
      const { stdout } = await execute('nft', ['list', 'counter', 'ip', table, 'sent'])
      const [, packets] = /packets (\d+)/.exec(stdout) ?? []
      return Number(packets)
    },
    remove: async () => {
      await execute('nft', ['delete', 'table', 'ip', table])
    },
  }
}
