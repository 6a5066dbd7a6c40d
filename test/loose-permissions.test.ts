import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { exposureOf } from '../src/loose-permissions.ts'

const hint = 'chmod 600 /s'

/** Reads the secret from a separate mount, as in a container. Prints the value or the error. */
const readMounted = `
  set -e
  mount -t tmpfs none "$1"
  printf hunter2 >"$1/secret"
  chmod "$2" "$1/secret"
  mount -o "remount,$3" "$1"
  exec "$4" --import=tsx --input-type=module --eval "
    import { readSecretSource } from '$5'
    try { console.log(readSecretSource({ type: 'file', path: '$1/secret' }, { file: 'vars.yml', line: 1, column: 1 }, false)) }
    catch (error) { console.log(error.message) }"
`

describe('the permissions of a file that holds a secret', () => {
  const cases: readonly [self: number, owner: number, mode: number, expected: string | undefined][] = [
    [1000, 1000, 0o100600, undefined],
    [1000, 1000, 0o100400, undefined],
    [1000, 1000, 0o100644, `other users can read it (mode 0644): ${hint}`],
    [1000, 1000, 0o100777, 'other users can change it (mode 0777): chmod 600 /s'],
    [1000, 0, 0o100640, undefined],
    [1000, 0, 0o100444, undefined],
    [1000, 0, 0o100664, 'other users can change it (mode 0664): chmod 600 /s'],
    [
      1000,
      1001,
      0o100640,
      'it belongs to another user (uid 1001): copy it to a file of your own with mode 0600',
    ],
    [0, 1000, 0o100600, undefined],
    [0, 1000, 0o100644, `other users can read it (mode 0644): ${hint}`],
    [0, 65534, 0o100666, 'other users can change it (mode 0666): chmod 600 /s'],
    [0, 0, 0o100644, `other users can read it (mode 0644): ${hint}`],
  ]
  const { getuid } = process

  afterEach(() => {
    if (getuid !== undefined) process.getuid = getuid
  })

  for (const [self, owner, mode, expected] of cases)
    it(`${expected === undefined ? 'accepts' : 'rejects'} a file of uid ${owner} with mode ${(mode & 0o7777).toString(8)} for uid ${self}`, () => {
      process.getuid = () => self
      expect(exposureOf('/s', { uid: owner, mode })).to.equal(expected)
    })
})

describe('a secret that is mounted into a container', () => {
  let folder: string
  before(function () {
    if (spawnSync('unshare', ['-m', 'true']).status !== 0) this.skip()
    folder = mkdtempSync(join(tmpdir(), 'hostwright-secrets-'))
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const read = (mode: string, option: string): string => {
    const source = join(import.meta.dirname, '../src/variables/secrets/secret-value.ts')
    const words = ['-c', readMounted, 'sh', folder, mode, option, process.execPath, source]
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', ...words], { encoding: 'utf8' })
    expect(stderr).to.equal('')
    return stdout.trim()
  }

  it('reads a mounted secret as root with the mode that Docker gives it', () => {
    expect(read('0444', 'ro')).to.equal('hunter2')
  })

  it('rejects a mounted secret that other users could have changed', () => {
    expect(read('0466', 'ro')).to.include('other users can change it (mode 0466)')
  })

  it('rejects a mounted secret whose mode root could change', () => {
    expect(read('0444', 'rw')).to.match(
      /other users can read it \(mode 0444\): chmod 600 .*defaultMode: 0400/,
    )
  })
})
