import { expect } from 'chai'
import { releases } from '../../src/sandbox/index.ts'
import { machine, ssh } from './machine.ts'

for (const release of releases) {
  describe(`a throw-away machine with ${release}`, () => {
    const host = machine({ release, name: release })

    it('is this release, completely booted, with no failed unit', async () => {
      const answer = await ssh(
        host,
        '. /etc/os-release && echo "$VERSION_CODENAME" && systemctl is-system-running',
      )
      expect(answer).to.deep.equal({ code: 0, stdout: `${release}\nrunning\n`, stderr: '' })
    })

    it('lets its user become root without a password, and root log in', async () => {
      expect((await ssh(host, 'id -un && sudo -n id -un')).stdout).to.equal('deploy\nroot\n')
      expect((await ssh(host, 'id -un', { user: 'root' })).stdout).to.equal('root\n')
    })

    it('installs packages from the archive of its release', async () => {
      const script =
        'apt-get -qq update && apt-get -qq install --yes cron >/dev/null 2>&1 && systemctl is-active cron'
      expect(await ssh(host, script, { user: 'root' })).to.deep.equal({
        code: 0,
        stdout: 'active\n',
        stderr: '',
      })
    })

    it('has network settings of its own', async () => {
      const answer = await ssh(host, 'sysctl -w net.core.somaxconn=1234', { user: 'root' })
      expect(answer).to.deep.equal({ code: 0, stdout: 'net.core.somaxconn = 1234\n', stderr: '' })
    })
  })
}
