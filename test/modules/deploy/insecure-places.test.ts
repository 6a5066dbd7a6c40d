import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lchownSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { deployCandidate } from '../../../src/modules/deploy_candidate.ts'
import { deployLockModule } from '../../../src/modules/deploy_lock.ts'
import { deployPrune } from '../../../src/modules/deploy_prune.ts'
import { deployRecord } from '../../../src/modules/deploy_record.ts'
import { deployRelease } from '../../../src/modules/deploy_release.ts'
import { deployStatus } from '../../../src/modules/deploy_status.ts'
import { deploySwitch } from '../../../src/modules/deploy_switch.ts'
import { deployLock } from '../../../src/state/deploy-lock.ts'
import { deployedRevision } from '../../../src/state/deployed-revision.ts'
import { deployment } from '../../../src/state/deployment.ts'
import { Application, scratchFolder } from '../application.ts'
import { asRoot, plan, readState, shells } from '../harness.ts'

const nobody = 65534
const id = '20260101T000000Z-abc1234'

describe('An application whose directories another user controls', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
    mkdirSync(application.at('shared/log'), { recursive: true })
    mkdirSync(application.at('deploy/slots'))
    application.release(id, { state: 'live', information: { revision: 'a' } }).current(`releases/${id}`)
    writeFileSync(application.at('deploy/journal.jsonl'), '')
    writeFileSync(application.at('outside'), 'secret words\n')
  })

  const give = (...parts: readonly string[]) => {
    lchownSync(application.at(...parts), nobody, nobody)
  }

  const faults: readonly [fault: string, make: () => void, says: () => string][] = [
    [
      'owns the root',
      () => {
        give('')
      },
      () => `${application.root} belongs to nobody`,
    ],
    [
      'owns the releases',
      () => {
        give('releases')
      },
      () => `${application.at('releases')} belongs to nobody`,
    ],
    [
      'owns shared',
      () => {
        give('shared')
      },
      () => `${application.at('shared')} belongs to nobody`,
    ],
    [
      'owns deploy',
      () => {
        give('deploy')
      },
      () => `${application.at('deploy')} belongs to nobody`,
    ],
    [
      'owns the directory of the states',
      () => {
        give('deploy/states')
      },
      () => `${application.at('deploy/states')} belongs to nobody`,
    ],
    [
      'owns the state of a release',
      () => {
        give('deploy/states', id)
      },
      () => `${application.at('deploy/states', id)} belongs to nobody`,
    ],
    [
      'owns the journal',
      () => {
        give('deploy/journal.jsonl')
      },
      () => 'journal.jsonl belongs to nobody',
    ],
    [
      'can write to deploy',
      () => {
        chmodSync(application.at('deploy'), 0o777)
      },
      () => `${application.at('deploy')} can be written by other users (mode 777)`,
    ],
    [
      'can write to shared as a member of its group',
      () => {
        chmodSync(application.at('shared'), 0o775)
      },
      () => `${application.at('shared')} can be written by other users (mode 775)`,
    ],
    [
      'has replaced shared by a symlink',
      () => {
        renameSync(application.at('shared'), application.at('away'))
        symlinkSync('away', application.at('shared'))
      },
      () => `${application.at('shared')} is a symlink`,
    ],
    [
      'has left a symlink in deploy',
      () => {
        symlinkSync('/etc/cron.d/shop', application.at('deploy/lock.new'))
      },
      () => `${application.at('deploy/lock.new')} is a symlink`,
    ],
    [
      'has left a hard link to another file in deploy',
      () => {
        linkSync(application.at('outside'), application.at('deploy/maintenance'))
      },
      () => `${application.at('deploy/maintenance')} has 2 hard links`,
    ],
    [
      'owns the directory above',
      () => {
        chownSync(scratch.path, nobody, nobody)
      },
      () => `${scratch.path} belongs to nobody`,
    ],
  ]

  for (const shell of shells)
    for (const [fault, make, says] of faults)
      asRoot(`is refused if another user ${fault}, under ${shell}`, () => {
        const status = () => plan(deployStatus, { root: application.root }, { shell })
        expect(status().changes).to.deep.equal([])
        make()
        expect(status).to.throw(says())
        expect(status).to.throw('cannot deploy to insecure directories')
      })

  asRoot('is refused by every module of a deploy', () => {
    give('deploy')
    const steps = [
      [deployCandidate, { id, socket: '/run/a.sock' }],
      [deployLockModule, {}],
      [deployLockModule, { state: 'absent', force: true, reason: 'x' }],
      [deployPrune, {}],
      [deployRecord, { id, state: 'bad' }],
      [deployRelease, { id: 'other', src: '/x' }],
      [deploySwitch, { id }],
    ] as const
    for (const [module, given] of steps)
      expect(() => plan(module, { ...application.given, ...given }), module.name).to.throw(
        `${application.at('deploy')} belongs to nobody`,
      )
  })

  asRoot('is accepted with allow_insecure_directories, so that site.yml can correct it', () => {
    give('shared')
    const { changes } = plan(deployStatus, { root: application.root, allow_insecure_directories: true })
    expect(changes).to.deep.equal([])
    expect(application.read().current).to.deep.equal({ type: 'release', id })
  })

  asRoot('may have any owner below shared, and be in a sticky directory', () => {
    give('shared/log')
    chmodSync(scratch.path, 0o1777)
    expect(plan(deployStatus, { root: application.root }).changes).to.deep.equal([])
  })

  asRoot('may belong to the user of the task if this is not root', () => {
    execFileSync('chown', ['-hR', 'nobody:', application.root])
    chmodSync(scratch.path, 0o755)
    const key = { root: application.root }
    const text = (lines: string) =>
      execFileSync('runuser', ['-u', 'nobody', '--', 'sh', '-euc', lines], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      })
    const [answer] = deployment.parse(text(deployment.read([key]).text), [key])
    expect(answer).to.deep.include({ user: nobody, current: { type: 'release', id } })
    expect(answer).not.to.have.property('insecure')
    chownSync(application.at('deploy'), 1, 1)
    const [other] = deployment.parse(text(deployment.read([key]).text), [key])
    expect(other?.insecure).to.deep.equal([{ path: application.at('deploy'), reason: 'belongs to daemon' }])
  })

  describe('is not read', () => {
    for (const shell of shells) {
      asRoot(`is not read through symlinks, under ${shell}`, () => {
        for (const file of [`states/${id}`, 'slots/blue', 'lock', 'journal.jsonl'])
          execFileSync('ln', ['-sfn', application.at('outside'), application.at('deploy', file)])
        execFileSync('chown', ['-hR', 'nobody:', application.at('deploy')])
        const { releases, slots } = application.read(shell)
        expect(releases.map(({ state, since }) => [state, since])).to.deep.equal([['foreign', undefined]])
        expect(JSON.stringify(slots)).not.to.contain('secret')
        const root = application.root
        const { lock, revision } = readState(
          {
            lock: deployLock.key({ root }),
            revision: deployedRevision.key({ root, reference: 'refs/tags/v1' }),
          },
          shell,
        )
        expect([lock, revision]).to.deep.equal([null, null])
      })

      asRoot(`is not read from a named pipe, under ${shell}`, () => {
        for (const file of ['lock', 'journal.jsonl', `states/${id}`]) {
          execFileSync('rm', ['-f', application.at('deploy', file)])
          execFileSync('mkfifo', [application.at('deploy', file)])
        }
        give('deploy')
        expect(application.read(shell).releases[0]?.state).to.equal('foreign')
        expect(readState({ lock: deployLock.key({ root: application.root }) }, shell).lock).to.equal(null)
      })

      asRoot(`neither shows nor loses a release that another user owns, under ${shell}`, () => {
        application.release('20250101T000000Z-abc1234', { state: 'failed', information: { revision: 'b' } })
        give('releases/20250101T000000Z-abc1234')
        const [release] = application.read(shell).releases
        expect(release).to.deep.include({ state: 'failed', insecure: 'belongs to nobody', information: {} })
        expect(plan(deployStatus, { root: application.root }, { shell }).changes).to.deep.equal([])
        const candidate = { ...application.given, id: '20250101T000000Z-abc1234', socket: '/run/a.sock' }
        expect(() => plan(deployCandidate, candidate, { shell })).to.throw(
          'belongs to nobody: only a release that belongs to root can be live',
        )
        expect(plan(deployPrune, { ...application.given, keep: 1 }, { shell }).changes).to.deep.equal([])
      })
    }
  })
})
