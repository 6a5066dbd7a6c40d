import { expect } from 'chai'

import { releases, type Release } from '../../src/sandbox/index.ts'
import { failuresOf, runJson } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { machine, ssh } from './machine.ts'
import { changedTasks, fetchFrom, greeting, sitePlaybook } from './site.ts'

const versions: Readonly<Record<Release, { php: string; database: string }>> = {
  bookworm: { php: '8.2', database: '10.11' },
  trixie: { php: '8.4', database: '11.8' },
}

for (const release of releases) {
  describe(`a server made by site.yml on ${release}, after a reboot`, () => {
    const target = machine({ name: `rebooted-${release}`, from: () => convergedSite(release) })

    async function asRoot(script: string): Promise<string> {
      const { code, stdout, stderr } = await ssh(target, `set -e\n${script}`, { user: 'root' })
      expect(code, stderr).to.equal(0)
      return stdout
    }

    it('serves its page with the services that it needs', async () => {
      expect(await fetchFrom(target)).to.include(greeting)
    })

    it('needs no change', async () => {
      const run = await runJson([sitePlaybook, ...siteArguments(target)])
      expect(failuresOf(run)).to.deep.equal([])
      expect(changedTasks(run)).to.deep.equal([])
    })

    it('has the PHP and the database server of its release', async () => {
      const { php, database } = versions[release]
      expect(await asRoot('php --version')).to.match(new RegExp(`^PHP ${php}\\.`))
      expect(await asRoot('mariadb -N -e "SELECT VERSION()"')).to.match(new RegExp(`^${database}\\.`))
    })

    it('accepts connections from outside only for SSH and HTTP', async () => {
      const listening = await asRoot(`ss -Hltn | awk '{ print $4 }' | grep -v '^127\\.0\\.0\\.1:' | sort -u`)
      expect(listening).to.equal('0.0.0.0:22\n0.0.0.0:80\n[::]:22\n[::]:80\n')
    })

    it('runs PHP as the user of the application', async () => {
      const users = await asRoot(
        `ps -eo user=,args= | awk '/php-fpm: pool/ && !/awk/ { print $1 }' | sort -u`,
      )
      expect(users).to.equal('foobar\n')
    })

    it('gives the application only rights to the rows of its database', async () => {
      const grants = await asRoot(`mariadb -N -e "SHOW GRANTS FOR 'foobar'@'localhost'"`)
      expect(grants.replace(/ IDENTIFIED BY PASSWORD .*/, '')).to.equal(
        'GRANT USAGE ON *.* TO `foobar`@`localhost`\n' +
          'GRANT SELECT, INSERT, UPDATE, DELETE ON `foobar`.* TO `foobar`@`localhost`\n',
      )
    })

    it('hides dotfiles, the source of programs, its version, and the site under another name', async () => {
      const folder = '/srv/foobar/current/public'
      await asRoot(`echo secret | tee ${folder}/.env ${folder}/other.php >/dev/null`)
      for (const path of ['/.env', '/other.php']) {
        expect(await fetchFrom(target, path)).to.match(/^HTTP\/1\.1 404/)
      }
      await asRoot(`rm ${folder}/.env ${folder}/other.php`)
      expect(await fetchFrom(target))
        .to.match(/^server: nginx\r$/im)
        .and.not.to.match(/^x-powered-by/im)
      const other = 'curl --silent --header "Host: other.example" http://127.0.0.1/ || echo "code $?"'
      // 52: the server closed the connection
      expect(await asRoot(other)).to.equal('code 52\n')
    })

    it('dumps its database at night, and limits the number of dumps and logs', async () => {
      const job = await asRoot('cat /etc/cron.d/foobar')
      const [, command = ''] = /^[\d* ]+ root (.+)$/m.exec(job) ?? []
      const dump = await asRoot(`${command}\ngunzip -c /var/backups/foobar/foobar.sql.gz`)
      expect(dump).to.include(greeting)
      await asRoot('for night in 1 2 3; do logrotate --force /etc/logrotate.d/foobar; done')
      expect(await asRoot('ls /var/backups/foobar')).to.match(/foobar\.sql\.gz\.[123]\n/)
    })
  })
}
