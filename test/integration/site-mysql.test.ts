import { expect } from 'chai'

import { failuresOf, insteadOf, runJson } from './command.ts'
import { machine, ssh } from './machine.ts'
import { changedTasks, fetchFrom, greeting, sitePlaybook } from './site.ts'

describe('site.yml with MySQL on trixie', () => {
  const target = machine({ release: 'trixie', name: 'site-mysql' })
  const mysql = ['-e', 'mysql_flavour=mysql', '-e', JSON.stringify({ app_database_password: 'of MySQL' })]

  it('installs the server from sid, and from there only what the server needs', async () => {
    const first = await runJson([sitePlaybook, ...insteadOf(target), ...mysql])
    expect(failuresOf(first)).to.deep.equal([])
    const { stdout } = await ssh(target, 'mysqld --version; apt list --installed 2>/dev/null', {
      user: 'root',
    })
    expect(stdout).to.match(/mysqld\s+Ver 9\.\d/)
    const fromSid = stdout
      .split('\n')
      .filter((line) => /\/.*\b(sid|unstable)\b/.test(line) && !/\/.*\b(trixie|stable)/.test(line))
      .map((line) => line.replace(/\/.*/, ''))
    expect(fromSid).to.include('mysql-server')
    expect(fromSid.filter((name) => !/^(mysql-|lib|gcc-\d+-base)/.test(name))).to.deep.equal([])
  })

  it('serves the page from it, and changes nothing the second time', async () => {
    expect(await fetchFrom(target)).to.include(greeting)
    const second = await runJson([sitePlaybook, ...insteadOf(target), ...mysql])
    expect(changedTasks(second)).to.deep.equal([])
  })
})
