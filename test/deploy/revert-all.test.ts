import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { Journal } from '../../src/deploy/journal.ts'
import { revertAll } from '../../src/deploy/revert-all.ts'
import { ExitCode } from '../../src/errors.ts'

const rollback = `
- hosts: all
  gather_facts: no
  tasks:
    - copy:
        content: '<%- JSON.stringify({ deploy_run, deploy_purpose, deploy_from }) %>'
        dest: '<%= playbook_dir %>/../<%= inventory_hostname %>.json'
    - fail: { msg: broken }
      when: is_broken
`

describe('the reversal of a deploy that failed on one host', () => {
  const before_ = process.cwd()
  let folder: string
  let progress: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-revert-'))
    progress = []
    mkdirSync(join(folder, 'playbooks'))
    writeFileSync(join(folder, 'playbooks/rollback.yml'), rollback)
    process.chdir(folder)
  })
  afterEach(() => {
    process.chdir(before_)
    rmSync(folder, { recursive: true })
  })

  function revert(
    exitCode: ExitCode,
    from: ReadonlyMap<string, string>,
    { isBroken = false } = {},
  ): Promise<ExitCode> {
    const run = { id: 'a1', by: { name: 'ann', host: 'desk' }, started: new Date() }
    const reference = { kind: 'tag', name: 'v2' } as const
    return revertAll(
      { run, reference, exitCode, from },
      {
        check: false,
        folder,
        inventory: ['web1,web2,'],
        connection: 'local',
        extraVars: [`is_broken=${String(isBroken)}`],
        onProgress: (line) => progress.push(line),
      },
    )
  }

  it('rolls back only the hosts on which the release is live, as a separate run', async () => {
    expect(await revert(ExitCode.failed, new Map([['web1', 'r2']]))).to.equal(ExitCode.rolledBack)
    expect(JSON.parse(readFileSync(join(folder, 'web1.json'), 'utf8'))).to.deep.equal({
      deploy_run: 'a1-back',
      deploy_purpose: 'roll back v2',
      deploy_from: ['r2'],
    })
    expect(existsSync(join(folder, 'web2.json'))).to.equal(false)
    expect(progress).to.deep.equal(['rolling back v2 on web1'])
    const [started, ended] = readFileSync(new Journal(folder).file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(started).to.include({ event: 'started', run: 'a1-back', purpose: 'roll back v2' })
    expect(ended).to.include({ event: 'ended', run: 'a1-back', exitCode: ExitCode.done })
  })

  it('returns the exit code of the rollback if the rollback fails', async () => {
    const exitCode = await revert(ExitCode.unreachable, new Map([['web1', 'r2']]), { isBroken: true })
    expect(exitCode).to.equal(ExitCode.failed)
  })

  it('keeps the exit code of a deploy that lost a host', async () => {
    expect(await revert(ExitCode.unreachable, new Map([['web1', 'r2']]))).to.equal(ExitCode.unreachable)
  })

  for (const [what, exitCode, from] of [
    ['was interrupted', ExitCode.interrupted, new Map([['web1', 'r2']])],
    ['found the lock taken', ExitCode.locked, new Map([['web1', 'r2']])],
    ['switched no host', ExitCode.failed, new Map<string, string>()],
  ] as const)
    it(`does nothing after a deploy that ${what}`, async () => {
      expect(await revert(exitCode, from)).to.equal(exitCode)
      expect(existsSync(join(folder, 'web1.json'))).to.equal(false)
      expect(progress).to.deep.equal([])
    })
})
