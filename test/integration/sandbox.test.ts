import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'

import {
  crashed,
  down,
  find,
  list,
  rehearse,
  releases,
  removeSnapshot,
  snapshot,
  up,
  type Machine,
} from '../../src/sandbox/index.ts'
import { idOf, readRecord } from '../../src/sandbox/machine/machine-record.ts'
import { home } from '../../src/sandbox/machines-folder.ts'
import { machine, ssh, testName } from './machine.ts'
import { leftOver, outerState, processesIn } from './outer-machine.ts'

for (const release of releases) {
  describe(`a throw-away machine with ${release}`, () => {
    const host = machine({ release, name: release })

    it('runs this release, completely booted, without a failed unit', async () => {
      const script = '. /etc/os-release && echo "$VERSION_CODENAME" && systemctl is-system-running'
      expect(await ssh(host, script)).to.deep.equal({ code: 0, stdout: `${release}\nrunning\n`, stderr: '' })
    })

    it('lets its user become root without a password, and root log in', async () => {
      expect((await ssh(host, 'id -un && sudo -n id -un')).stdout).to.equal('deploy\nroot\n')
      expect((await ssh(host, 'id -un', { user: 'root' })).stdout).to.equal('root\n')
    })

    it('resolves its own name', async () => {
      const answer = await ssh(host, 'hostname && getent hosts "$(hostname)"')
      expect(answer.stdout).to.match(new RegExp(`^${host.name}\n127.0.1.1 +${host.name}\n$`))
    })

    it('installs packages from the archive of its release', async () => {
      const install = 'apt-get -qq update && apt-get -qq install --yes cron >/dev/null 2>&1'
      const answer = await ssh(host, `${install} && systemctl is-active cron`, { user: 'root' })
      expect(answer).to.deep.equal({ code: 0, stdout: 'active\n', stderr: '' })
    })

    it('has its own network settings', async () => {
      const answer = await ssh(host, 'sysctl -w net.core.somaxconn=1234', { user: 'root' })
      expect(answer).to.deep.equal({ code: 0, stdout: 'net.core.somaxconn = 1234\n', stderr: '' })
      expect(await readFile('/proc/sys/net/core/somaxconn', 'utf8')).to.not.equal('1234\n')
    })

    it('is registered with its host key', async () => {
      const { stdout } = await ssh(host, 'cut -d " " -f 1,2 /etc/ssh/ssh_host_*.pub')
      expect(await readFile(host.knownHostsFile, 'utf8')).to.equal(`${host.address} ${stdout}`)
    })

    it('is found and listed', async () => {
      expect(await find(host.name)).to.deep.equal({ ...host })
      expect(await list()).to.deep.include({ ...host })
    })

    it('is not started a second time', async () => {
      const refusal = await failure(up(host.name, { release }))
      expect(refusal).to.equal(`the throw-away machine ${host.name} is already running`)
    })
  })
}

describe('down', () => {
  const name = testName('gone')
  const id = idOf(name)
  const state = () => outerState(id, name, home())

  const endings: { how: string; isUp?: true; end: (host: Machine) => Promise<void> }[] = [
    { how: 'a machine that is up', isUp: true, end: () => Promise.resolve() },
    { how: 'a machine whose process was killed', end: (host) => killAndAwaitEnd(host.pid) },
    {
      how: 'a machine that was switched off from inside',
      end: async (host) => {
        await ssh(host, 'systemctl poweroff', { user: 'root' })
        await ended(host.pid)
      },
    },
  ]
  for (const { how, end, isUp = false } of endings) {
    it(`leaves nothing behind of ${how}`, async () => {
      const before = await state()
      const host = await up(name, { release: 'bookworm' })
      const during = await state()
      expect(during.mounts.join('\n'), 'mounts are in a namespace of their own').to.not.include(name)
      expect(during.interfaces).to.include(id)
      expect(during.processes).to.not.be.empty
      await end(host)
      expect((await crashed()).includes(name)).to.equal(!isUp)
      await down(name)
      expect(leftOver(before, await state())).to.deep.equal([])
      expect(before.processes, 'the processes of a machine that is not up').to.deep.equal([])
    })
  }

  it('leaves nothing behind of a machine whose start was killed', async () => {
    const before = await state()
    const bringer = otherProcess(`await up(${JSON.stringify(name)}, { release: 'bookworm' })`)
    await until(async () => (await state()).processes.length > 0)
    bringer.kill('SIGKILL')
    await once(bringer, 'exit')
    await down(name)
    expect(leftOver(before, await state())).to.deep.equal([])
  })

  it('removes a machine that is starting, and does not list it as failed', async () => {
    const before = await state()
    const coming = failure(up(name, { release: 'bookworm' }))
    await until(async () => (await readRecord(name)) !== undefined)
    await down(name)
    expect(await coming).to.equal(`the throw-away machine ${name} was removed while it started`)
    expect(leftOver(before, await state())).to.deep.equal([])
  })

  it('lists the existing machines if the name is unknown', async () => {
    expect(await failure(down(name))).to.equal(`no throw-away machine ${name}`)
  })
})

describe('up', () => {
  const name = testName('again')

  afterEach(async () => {
    if ((await find(name)) !== undefined) await down(name)
  })

  it('replaces a dead machine silently, and a running one if requested', async () => {
    const first = await up(name, { release: 'bookworm' })
    const firstKey = await readFile(first.knownHostsFile, 'utf8')
    await killAndAwaitEnd(first.pid)
    expect(await find(name)).to.equal(undefined)

    const progress: string[] = []
    const onProgress = (line: string) => progress.push(line)
    const second = await up(name, { release: 'bookworm', onProgress })
    const secondKey = await readFile(second.knownHostsFile, 'utf8')
    const third = await up(name, { release: 'bookworm', onProgress, fresh: true })
    const thirdKey = await readFile(third.knownHostsFile, 'utf8')

    expect((await ssh(third, 'systemctl is-system-running')).stdout).to.equal('running\n')
    expect(new Set([firstKey, secondKey, thirdKey].map((line) => line.split(' ')[2])).size).to.equal(3)
    expect(progress).to.deep.equal([])
  })

  it('starts machines that outlive the process, from several processes at the same time', async () => {
    const names = ['a', 'b', 'c', 'd'].map((each) => testName(`crowd-${each}`))
    const pairs = [names.slice(0, 2), names.slice(2)]
    const bringers = pairs.map((pair) =>
      otherProcess(
        `await Promise.all(${JSON.stringify(pair)}.map((name) => up(name, { release: 'trixie' })))`,
      ),
    )
    const codes = await Promise.all(bringers.map((bringer) => once(bringer, 'exit')))
    expect(codes).to.deep.equal([
      [0, null],
      [0, null],
    ])
    const machines = (await list()).filter((each) => names.includes(each.name))
    expect(new Set(machines.map((each) => each.address)).size).to.equal(4)
    const answers = await Promise.all(machines.map((each) => ssh(each, 'hostname')))
    expect(answers.map((answer) => answer.stdout.trim())).to.deep.equal(names)
    await Promise.all(names.map(down))
  })

  it('works with a strict umask and with the PATH of su', async () => {
    const bringer = otherProcess(
      `process.umask(0o077)\nprocess.env.PATH = '/usr/bin:/bin'\nawait up(${JSON.stringify(name)}, { release: 'trixie' })`,
    )
    expect(await once(bringer, 'exit')).to.deep.equal([0, null])
    const host = await find(name)
    expect((await ssh(host!, 'stat -c %a / /etc /etc/hosts')).stdout).to.equal('755\n755\n644\n')
  })

  it('leaves no machine when it is interrupted', async () => {
    const state = () => outerState(idOf(name), name, home())
    const before = await state()
    const controller = new AbortController()
    const coming = failure(up(name, { release: 'bookworm', signal: controller.signal }))
    await until(async () => (await state()).processes.length > 0)
    controller.abort(new Error('no more'))
    expect(await coming).to.equal('no more')
    expect(leftOver(before, await state())).to.deep.equal([])
  })

  it('shows the console of a machine that fails to start', async () => {
    const snapshotName = testName('broken')
    const broken = await up(name, { release: 'bookworm' })
    await ssh(broken, 'rm /lib/systemd/systemd', { user: 'root' })
    await snapshot(name, snapshotName)
    const message = await failure(up(name, { from: snapshotName }))
    await removeSnapshot(snapshotName)
    expect(message).to.match(/did not start: it terminated during its boot\nits console:\n.*init/s)
    expect((await outerState(idOf(name), name, home())).files).to.not.include(`machines/${name}`)
  })
})

describe('an image', () => {
  let folder: string
  const images = () => join(folder, 'images')
  const unfinished = async () => (await readdir(images())).filter((entry) => entry.startsWith('unfinished-'))
  /** Returns the folder of an image that is being built, other than this one. */
  async function workshop(other?: string): Promise<string> {
    for (;;) {
      const builders = (await processesIn(folder)).filter((command) => command.includes('/perl '))
      const folders = builders.flatMap((command) => /unfinished-trixie-\w+/.exec(command) ?? [])
      const found = folders.find((each) => each !== other)
      if (found !== undefined) return found
      await setTimeout(10)
    }
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-images-'))
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  it('is never left incomplete, neither by a killed build nor by an interrupted one after it', async () => {
    const inFolder = `process.env.HOSTWRIGHT_SANDBOX_HOME = ${JSON.stringify(folder)}`
    const killed = otherProcess(`${inFolder}\nawait up('never', { release: 'trixie' })`)
    const first = await workshop()
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    expect(await unfinished()).to.deep.equal([first])

    const brokenOff = otherProcess(`${inFolder}
      const controller = new AbortController()
      process.once('SIGTERM', () => controller.abort(new Error('no more')))
      const error = await up('never', { release: 'trixie', signal: controller.signal }).catch(String)
      process.exitCode = error === 'Error: no more' ? 3 : 1`)
    await workshop(first)
    brokenOff.kill('SIGTERM')
    expect(await once(brokenOff, 'exit')).to.deep.equal([3, null])
    expect(await processesIn(folder)).to.deep.equal([])
    expect(await unfinished()).to.deep.equal([])
  })
})

describe('a snapshot', () => {
  const origin = testName('origin')
  const name = testName('state')

  it('is the base of new machines, each with its own keys and identity', async () => {
    const first = await up(origin, { release: 'trixie' })
    const identity = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub'
    const script = 'echo converged.example >/etc/hostname && rm /etc/debian_version && echo kept >/srv/file'
    expect((await ssh(first, script, { user: 'root' })).code).to.equal(0)
    const identities = [(await ssh(first, identity)).stdout]
    await snapshot(origin, name)
    expect(await find(origin)).to.equal(undefined)

    const copies = await Promise.all(['x', 'y'].map((each) => up(testName(each), { from: name })))
    for (const copy of copies) {
      const answer = await ssh(
        copy,
        'hostname; cat /srv/file; ls /etc/debian_version; systemctl is-system-running',
      )
      expect(answer.stdout).to.equal('converged.example\nkept\nrunning\n')
      identities.push((await ssh(copy, identity)).stdout)
    }
    expect(new Set(identities).size).to.equal(3)
    await Promise.all(copies.map((copy) => down(copy.name)))
    await removeSnapshot(name)
  })

  it('is named if it does not exist', async () => {
    expect(await failure(up(testName('z'), { from: 'nowhere' }))).to.equal('no snapshot nowhere')
  })
})

describe('rehearse', () => {
  const hosts = ['www.example.com', 'db_1'].map((host) => `${testName()}.${host}`)

  it('starts a machine for every host of an inventory', async () => {
    const machines = await rehearse(hosts, { release: 'bookworm' })
    expect([...machines.keys()]).to.have.members(hosts)
    for (const [host, each] of machines)
      expect((await ssh(each, 'hostname')).stdout.trim()).to.equal(host.replace('_', '-'))
    await Promise.all(hosts.map(down))
  })

  it('leaves no machine if one of them fails to start', async () => {
    const error = await failure(rehearse([...hosts, 'not a name'], { release: 'bookworm' }))
    expect(error).to.equal('invalid name of a throw-away machine: "not a name"')
    expect((await list()).map((each) => each.name)).to.not.include.members(hosts)
  })
})

function otherProcess(statement: string) {
  const sandbox = join(import.meta.dirname, '../../src/sandbox/index.ts')
  const program = `import { up } from ${JSON.stringify(sandbox)}\n${statement}`
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function killAndAwaitEnd(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await ended(pid)
}

async function ended(pid: number): Promise<void> {
  await until(async () => (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).includes(') Z'))
}

/** Polls, because the kernel notifies only the parent of the end of a process. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10)
}

async function failure(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => 'it did not fail',
    (error: unknown) => (error as Error).message,
  )
}
