import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { loadPlaybook } from '../../src/playbook/load-playbook.ts'

const folder = join(import.meta.dirname, '../../playbooks')

describe('The playbooks that come with it', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yml'))) {
    it(`${file} has no mistake that can be found without a host`, () => {
      expect(loadPlaybook(join(folder, file)).plays).not.to.be.empty
    })
  }
})
