import { hostname, userInfo } from 'node:os'
import { expect } from 'chai'
import fc from 'fast-check'

import { deployer } from '../../src/deploy/deployer.ts'
import { releaseId } from '../../src/deploy/release-id.ts'
import { CodeBase, withoutGitConfiguration } from './code-base.ts'

describe('the id of a release', () => {
  it('builds the id of a release from the time and the commit', () => {
    const sha = '1a2b3c4d5e6f708192a3b4c5d6e7f80192a3b4c5'
    expect(releaseId(new Date('2026-01-02T03:04:05.678Z'), sha)).to.equal('20260102T030405Z-1a2b3c4')
  })

  it('builds ids that sort by time', () => {
    const seconds = fc
      .integer({ min: 0, max: 4_000_000_000 })
      .map((second) => [second, releaseId(new Date(second * 1000), 'abcdef1')] as const)
    fc.assert(
      fc.property(seconds, seconds, ([one, id], [other, otherId]) => {
        expect(id).to.match(/^\d{8}T\d{6}Z-abcdef1$/)
        expect(Math.sign(one - other)).to.equal(id === otherId ? 0 : id < otherId ? -1 : 1)
      }),
    )
  })
})

describe('the deployer', () => {
  let codeBase: CodeBase
  withoutGitConfiguration()
  before(async () => {
    codeBase = await CodeBase.make()
  })
  after(async () => {
    await codeBase.remove()
  })
  const name = async (environment: NodeJS.ProcessEnv) => (await deployer(environment, codeBase.checkout)).name

  it('takes the deployer from the variables of CI', async () => {
    await codeBase.git('config', 'user.name', 'Grace')
    expect(await name({ GITHUB_ACTOR: 'ada' })).to.equal('ada')
    expect(await name({ GITHUB_ACTOR: 'ada', GITHUB_TRIGGERING_ACTOR: 'bob' })).to.equal('bob')
    expect(await name({ GITLAB_USER_LOGIN: 'ada', GITLAB_USER_NAME: 'Ada L.' })).to.equal('ada')
    expect(await name({ GITHUB_ACTOR: '', GITLAB_USER_NAME: 'Ada L.' })).to.equal('Ada L.')
  })

  it('takes the deployer from the git settings if CI names none', async () => {
    await codeBase.git('config', 'user.name', 'Grace')
    expect(await name({})).to.equal('Grace')
    await codeBase.git('config', 'user.email', 'grace@example.com')
    expect(await name({})).to.equal('Grace <grace@example.com>')
  })

  it('takes the login or the user of sudo as the deployer if git names none', async () => {
    const { folder } = codeBase
    expect(await deployer({}, folder)).to.deep.equal({ name: userInfo().username, host: hostname() })
    expect((await deployer({ SUDO_USER: 'grace' }, folder)).name).to.equal('grace')
  })
})
