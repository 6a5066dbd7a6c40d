import { expect } from 'chai'

import { releases } from '../../src/sandbox/index.ts'
import { failuresOf, runJson } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { machine } from './machine.ts'
import { changedTasks, fetchFrom, greeting, sitePlaybook } from './site.ts'

for (const release of releases) {
  describe(`site.yml on ${release} after a reboot`, () => {
    const target = machine({ name: `rebooted-${release}`, from: () => convergedSite(release) })

    it('has made all that serves the page start by itself', async () => {
      expect(await fetchFrom(target)).to.include(greeting)
    })

    it('finds nothing to do', async () => {
      const run = await runJson([sitePlaybook, ...siteArguments(target)])
      expect(failuresOf(run)).to.deep.equal([])
      expect(changedTasks(run)).to.deep.equal([])
    })
  })
}
