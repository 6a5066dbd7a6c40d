import { expect } from 'chai'

import type { AnyModule } from '../../../src/modules/definition/module.ts'
import { deployArtifact } from '../../../src/modules/deploy_artifact.ts'
import { deployCandidate } from '../../../src/modules/deploy_candidate.ts'
import { deployLockModule } from '../../../src/modules/deploy_lock.ts'
import { deployProbe } from '../../../src/modules/deploy_probe.ts'
import { deployPrune } from '../../../src/modules/deploy_prune.ts'
import { deployRecord } from '../../../src/modules/deploy_record.ts'
import { deployRelease } from '../../../src/modules/deploy_release.ts'
import { deployStatus } from '../../../src/modules/deploy_status.ts'
import { deploySwitch } from '../../../src/modules/deploy_switch.ts'

const application = { root: '/srv/shop', run: 'run-1' }
const revision = 'a'.repeat(40)
const place = { repository: '/code', cache: '/cache', revision }

describe('the parameters of the deploy modules', () => {
  const defaults: [module: AnyModule, given: object, added: object][] = [
    [deployArtifact, place, { build: [], composer: true, composer_scripts: true, environment: {}, keep: 10 }],
    [deployCandidate, { ...application, id: 'a' }, {}],
    [
      deployLockModule,
      application,
      {
        ...{ state: 'present', by: 'unknown', purpose: 'deploy', wait: 0 },
        ...{ heartbeat: 5, stale_after: 30, force: false },
      },
    ],
    [
      deployProbe,
      { url: 'http://127.0.0.1', requests: [{ path: '/' }] },
      {
        requests: [{ path: '/', status: [200] }],
        ...{ times: 3, timeout: 30, request_timeout: 10, units: [], logs: [] },
      },
    ],
    [deployPrune, application, { keep: 5, slots: {} }],
    [deployRecord, { ...application, id: 'a', state: 'live' }, {}],
    [
      deployRelease,
      { ...application, id: 'a', src: '/a.tar.gz' },
      { information: {}, shared_directories: [], shared_files: [] },
    ],
    [deployStatus, { root: '/srv/shop' }, { slots: [], allow_insecure_directories: false }],
    [deploySwitch, { ...application, id: 'a' }, { slots: [] }],
  ]
  for (const [module, given, added] of defaults)
    it(`applies the defaults of ${module.name}`, () => {
      expect(module.params.parse(given)).to.deep.equal({ ...given, ...added })
    })

  const least: [module: AnyModule, given: object, name: string, least: number][] = [
    [deployArtifact, place, 'keep', 1],
    [deployLockModule, application, 'heartbeat', 1],
    [deployProbe, { url: 'http://127.0.0.1', requests: [{ path: '/' }] }, 'times', 1],
    [deployPrune, application, 'keep', 0],
  ]
  for (const [module, given, name, value] of least)
    it(`requires at least ${value} for ${name} of ${module.name}`, () => {
      expect(module.params.safeParse({ ...given, [name]: value }).success).to.equal(true)
      expect(module.params.safeParse({ ...given, [name]: value - 1 }).success).to.equal(false)
    })

  const wrong: [module: AnyModule, given: object, name: string][] = [
    [deployCandidate, { ...application, id: 'a', slot: 'blue', socket: '/run/php-green.sock' }, 'socket'],
    [deployCandidate, { ...application, id: 'a', slot: 'blue' }, 'socket'],
    [deployLockModule, { ...application, heartbeat: 30 }, 'stale_after'],
    [deployLockModule, { ...application, state: 'absent', force: true }, 'reason'],
    [deployProbe, { url: 'http://127.0.0.1', requests: [{ path: '/' }], logs: ['/log'] }, 'logs_user'],
    [deployProbe, { url: 'http://127.0.0.1', requests: [] }, 'requests'],
    [deployProbe, { url: 'http://127.0.0.1/', requests: [{ path: '/' }] }, 'url'],
    [deployArtifact, { ...place, revision: 'main' }, 'revision'],
  ]
  for (const [module, given, name] of wrong)
    it(`names the invalid parameter ${name} of ${module.name} in the error`, () => {
      const { error } = module.params.safeParse(given)
      expect(error?.issues.map(({ path }) => path.join('.'))).to.deep.equal([name])
    })
})

describe('the error of a failed step of a deploy module', () => {
  const explain = (module: AnyModule, given: object, outcome: object): string | undefined =>
    module.explain?.({ code: 1, stdout: '', stderr: '', ...outcome }, module.params.parse(given))?.message

  it('quotes the line about the full disk if a release cannot be unpacked', () => {
    const given = { ...application, id: 'a', src: '/a.tar.gz' }
    const full = 'tar: index.php: Cannot write: No space left on device'
    expect(explain(deployRelease, given, { stderr: `unpacking\n${full}\nexiting\n` })).to.equal(
      `no space left for the release in /srv/shop/releases: ${full}`,
    )
    expect(explain(deployRelease, given, { stderr: 'tar: not found' })).to.equal(undefined)
  })

  it('names the process that holds the guard of the lock, if it is known', () => {
    const held = '/srv/shop cannot be locked: another process has held /srv/shop/deploy/guard for 10 seconds'
    expect(explain(deployLockModule, application, { code: 76 })).to.equal(held)
    expect(explain(deployLockModule, application, { code: 76, stdout: '12 sleep\n' })).to.equal(
      `${held}:\n12 sleep`,
    )
    expect(explain(deployLockModule, application, { code: 1, stdout: '12 sleep\n' })).to.equal(undefined)
  })
})
