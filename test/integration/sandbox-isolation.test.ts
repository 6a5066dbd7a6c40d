import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'

import { down, find, removeSnapshot, snapshot, up } from '../../src/sandbox/index.ts'
import { machine, rootOn, testName } from './machine.ts'

describe('root in a throw-away machine', () => {
  const host = machine({ name: 'isolated' })

  it('is not root of the operator', async () => {
    const [inside, outside] = (await rootOn(host, 'cat /proc/self/uid_map')).trim().split(/\s+/)
    expect(inside).to.equal('0')
    expect(Number(outside)).to.be.greaterThan(65_535)
    const children = await readFile(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8')
    const init = await readFile(`/proc/${children.trim()}/status`, 'utf8')
    expect(init).to.match(new RegExp(`^Uid:\\t${outside}\\t${outside}\\t`, 'm'))
  })

  const ways = {
    'after remounting it': 'mount -o remount,rw,bind /proc/sys; setting=/proc/sys/kernel/core_pattern',
    'by mounting it again':
      'mkdir -p /srv/proc; mount -t proc proc /srv/proc; setting=/srv/proc/sys/kernel/core_pattern',
  }
  for (const [way, script] of Object.entries(ways))
    it(`cannot change a setting of the operator's kernel ${way}`, async () => {
      // the attack writes the current value, so its success would do no harm
      const attack = `set +e; ${script}; value=$(cat "$setting") && printf %s "$value" >"$setting" && echo written`
      expect(await rootOn(host, `(${attack}) 2>/dev/null || :`)).to.equal('')
    })

  it('can start units with their own mounts and users', async () => {
    const settings = [
      ...['PrivateTmp=yes', 'PrivateDevices=yes', 'ProtectSystem=strict', 'ProtectHome=yes'],
      ...['ProtectKernelTunables=yes', 'ProtectControlGroups=yes', 'ProtectProc=invisible'],
      ...['NoNewPrivileges=yes', 'RestrictNamespaces=yes', 'SystemCallFilter=@system-service'],
    ]
    const options = ['User=deploy', ...settings].map((setting) => `-p ${setting}`).join(' ')
    const script = 'cat /proc/1/cmdline; touch /etc/made; id -un; ls -A /tmp'
    const unit = `systemd-run --quiet --wait --pipe ${options} sh -c '${script}' 2>/dev/null`
    expect(await rootOn(host, unit)).to.equal('deploy\n')
    const dynamic = 'systemd-run --quiet --wait --pipe -p DynamicUser=yes -p StateDirectory=kept'
    expect(
      await rootOn(host, `${dynamic} sh -c 'touch "$STATE_DIRECTORY/made" && ls "$STATE_DIRECTORY"'`),
    ).to.equal('made\n')
  })
})

describe('a snapshot of a hostile machine', () => {
  const name = testName('hostile')
  let folder: string

  before(async () => {
    // sshd accepts no keys in a world-writable folder
    folder = await mkdtemp('/srv/hostwright-victim-')
  })
  after(async () => {
    if ((await find(name)) !== undefined) await down(name)
    await removeSnapshot(name)
    await rm(folder, { recursive: true })
  })

  it('overwrites no file of the operator when a machine is started from it', async () => {
    for (const each of ['ssh', 'root']) await mkdir(join(folder, each))
    await writeFile(join(folder, 'ssh', 'ssh_host_rsa_key'), 'of the operator')
    await writeFile(join(folder, 'root', 'authorized_keys'), 'of the operator')
    const host = await up(name, { release: 'bookworm' })
    await rootOn(
      host,
      `mkdir -p ${folder}
      cp -a /etc/ssh ${folder}/ssh && rm -r /etc/ssh && ln -s ${folder}/ssh /etc/ssh
      mv /root/.ssh ${folder}/root && ln -s ${folder}/root /root/.ssh`,
    )
    await snapshot(name, name)
    const coming = await Promise.allSettled([up(name, { from: name })])
    expect(await contents(folder)).to.deep.equal({
      'root/authorized_keys': 'of the operator',
      'ssh/ssh_host_rsa_key': 'of the operator',
    })
    expect(coming).to.have.nested.property('[0].status', 'fulfilled')
  })
})

describe('an image', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-images-'))
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  it("contains none of apt's passwords, and starts no isolated machine without user namespaces", async () => {
    const secret = 'of-apts-and-no-machines'
    await writeFile(
      join(folder, 'auth.conf'),
      `machine http://deb.debian.org login robot password ${secret}\n`,
    )
    await writeFile(join(folder, 'none'), '0\n')
    const name = testName('everyone')
    const outer = `
      mkdir -p /etc/apt/auth.conf.d
      mount -t tmpfs tmpfs /etc/apt/auth.conf.d
      cp "$1/auth.conf" /etc/apt/auth.conf.d/mirror.conf
      mount --bind "$1/none" /proc/sys/user/max_user_namespaces
      shift
      exec "$@"`
    const program = `
      import { down, up } from ${JSON.stringify(join(import.meta.dirname, '../../src/sandbox/index.ts'))}
      import { readFile } from 'node:fs/promises'
      process.env.HOSTWRIGHT_SANDBOX_HOME = ${JSON.stringify(join(folder, 'home'))}
      const progress = []
      const { pid } = await up('${name}', { release: 'bookworm', onProgress: (line) => progress.push(line) })
      const init = (await readFile('/proc/' + pid + '/task/' + pid + '/children', 'utf8')).trim()
      const map = await readFile('/proc/' + init + '/uid_map', 'utf8')
      await down('${name}')
      console.log(JSON.stringify({ map: map.trim().split(/\\s+/), progress }))`
    const child = spawn(
      'unshare',
      [
        ...['--mount', 'sh', '-euc', outer, 'sh', folder],
        ...[process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')])
    const { map, progress } = JSON.parse(answer) as { map: string[]; progress: string[] }
    const images = join(folder, 'home', 'images')
    expect(await filesWith(secret, images)).to.deep.equal([])
    expect(map.slice(0, 2)).to.deep.equal(['0', '0'])
    expect(progress).to.have.lengthOf(3)
    expect(progress).to.include.members([
      'no isolation: user namespaces are turned off (sysctl user.max_user_namespaces is 0); root in the machine is root on your computer, run only your own code there',
      "apt's password for deb.debian.org stays on your computer: apt in machines cannot install from there",
    ])
  })
})

async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
  )
  return Object.fromEntries(texts)
}

async function filesWith(secret: string, folder: string): Promise<string[]> {
  const grep = spawn('grep', ['-rlF', secret, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [found] = await Promise.all([text(grep.stdout), once(grep, 'exit')])
  return found.split('\n').filter((line) => line !== '')
}
