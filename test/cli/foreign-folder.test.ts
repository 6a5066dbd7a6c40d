import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { distrustOf } from '../../src/trusted-path.ts'
import { command } from './fake-terminal.ts'

const nobody = 65534

describe('a folder that others can write to', () => {
  let root: string
  let folder: string
  let ran: string
  const before = process.cwd()

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hostwright-foreign-'))
    folder = join(root, 'project')
    ran = join(root, 'ran')
    await mkdir(join(folder, 'playbooks'), { recursive: true })
    await mkdir(join(folder, 'inventory'))
    const write = `process.getBuiltinModule("node:fs").writeFileSync("${ran}", "")`
    const evil = `<%= String(Object.constructor('${write}')()) %>`
    const play = { hosts: 'all', connection: 'local', gather_facts: false, tasks: [{ debug: { msg: evil } }] }
    await writeFile(join(folder, 'playbooks', 'releases.yml'), JSON.stringify([play]))
    await writeFile(
      join(folder, 'inventory', 'hosts.yml'),
      JSON.stringify({ all: { hosts: { web1: { ansible_host: evil, ansible_connection: 'local' } } } }),
    )
    process.chdir(folder)
  })
  afterEach(async () => {
    process.chdir(before)
    await rm(root, { recursive: true })
  })

  const codeRan = async (): Promise<boolean> => (await readdir(root)).includes('ran')

  it('uses the playbooks and the inventory of a folder of the user', async () => {
    const releases = await command('releases', '-i', 'web1,')
    expect([releases.code, await codeRan()], releases.stderr).to.deep.equal([0, true])
    await rm(ran)
    await command('ping')
    expect(await codeRan()).to.equal(true)
  })

  const openings: readonly [string, () => Promise<void>, string][] = [
    ['with the mode 0777', () => chmod(folder, 0o777), 'project: every user can write to it'],
    ['with the mode 1777, such as /tmp', () => chmod(folder, 0o1777), 'project: every user can write to it'],
    ['of another user', () => chown(folder, nobody, nobody), 'project: it belongs to the user nobody'],
    ['of a group of others', () => openToGroup(folder), 'project: users of its group can write to it'],
    ['below a folder that another user can rename', () => chmod(root, 0o777), ': every user can write to it'],
  ]
  const parts: readonly [string, (place: string) => Promise<void>, string][] = [
    ['in a folder with the mode 0777', (place) => chmod(place, 0o777), ': every user can write to it'],
    [
      'in a folder of another user',
      (place) => chown(place, nobody, nobody),
      ': it belongs to the user nobody',
    ],
    ['with a file of another user', foreignFile, ': it belongs to the user nobody'],
  ]
  const uses: readonly [string, string, readonly string[]][] = [
    ['playbooks', 'playbook folder', ['releases', '-i', 'web1,', '--check']],
    ['inventory', 'inventory', ['ping']],
  ]
  for (const [part, what, argv] of uses) {
    for (const [title, open, says] of openings)
      it(`does not use the ${part} of a folder ${title}`, async function () {
        if (process.getuid?.() !== 0) this.skip()
        await open()
        await refused(argv, what, says)
      })
    for (const [title, open, says] of parts)
      it(`does not use the ${part} ${title}`, async function () {
        if (process.getuid?.() !== 0) this.skip()
        await open(join(folder, part))
        await refused(argv, what, says)
      })
  }

  for (const [part, what, argv] of uses) {
    it(`does not use the ${part} through a symlink to a folder of another user`, async function () {
      if (process.getuid?.() !== 0) this.skip()
      await rename(join(folder, part), join(root, 'theirs'))
      await symlink('../theirs', join(folder, part))
      await chown(join(root, 'theirs'), nobody, nobody)
      await refused(argv, what, 'theirs: it belongs to the user nobody')
    })

    it(`does not use the ${part} if a symlink there points to a file of another user`, async function () {
      if (process.getuid?.() !== 0) this.skip()
      const [name = ''] = await readdir(join(folder, part))
      await rename(join(folder, part, name), join(root, 'theirs'))
      await symlink('../../theirs', join(folder, part, name))
      await chown(join(root, 'theirs'), nobody, nobody)
      await refused(argv, what, 'theirs: it belongs to the user nobody')
    })
  }

  it('does not trust a folder of which a part cannot be read', async function () {
    if (process.getuid?.() !== 0) this.skip()
    const closed = join(folder, 'inventory', 'closed')
    await mkdir(closed, { mode: 0o700 })
    await chmod(root, 0o755)
    process.seteuid?.(nobody)
    try {
      const distrust = distrustOf(join(folder, 'inventory'))
      expect(distrust).to.deep.equal({ path: closed, reason: 'it cannot be read' })
    } finally {
      process.seteuid?.(0)
    }
  })

  const declarations = ['HOSTWRIGHT_TRUSTED_FOLDER', 'GITHUB_WORKSPACE', 'CI_PROJECT_DIR']
  for (const name of declarations)
    it(`trusts the folder in ${name}, such as the checkout of a CI job in a container`, async function () {
      if (process.getuid?.() !== 0) this.skip()
      for (const path of ['.', ...(await readdir(root, { recursive: true }))]) {
        await chown(join(root, path), nobody, nobody)
        await chmod(join(root, path), 0o777)
      }
      process.env[name] = folder
      try {
        await command('ping')
      } finally {
        Reflect.deleteProperty(process.env, name)
      }
      expect(await codeRan()).to.equal(true)
    })

  it('uses an inventory that the command line names', async () => {
    await chmod(folder, 0o777)
    await command('ping', '-i', 'inventory')
    expect(await codeRan()).to.equal(true)
  })

  it('trusts a folder of the user who started sudo', async function () {
    if (process.getuid?.() !== 0) this.skip()
    for (const path of await readdir(root, { recursive: true })) await chown(join(root, path), nobody, nobody)
    process.env['SUDO_UID'] = String(nobody)
    try {
      await command('ping')
    } finally {
      Reflect.deleteProperty(process.env, 'SUDO_UID')
    }
    expect(await codeRan()).to.equal(true)
  })

  async function refused(argv: readonly string[], what: string, says: string): Promise<void> {
    const { code, stdout, stderr } = await command(...argv)
    expect(stderr).to.contain(`the ${what} ${folder}/`).and.contain(says)
    expect(stderr).to.contain('is code that runs with your rights')
    expect([code, stdout, await codeRan()]).to.deep.equal([65, '', false])
  }
})

async function openToGroup(folder: string): Promise<void> {
  await chown(folder, 0, nobody)
  await chmod(folder, 0o775)
}

async function foreignFile(folder: string): Promise<void> {
  const [name = ''] = await readdir(folder)
  await chown(join(folder, name), nobody, nobody)
}
