import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { loadPlaybook } from '../../src/playbook/load-playbook.ts'

const folder = join(import.meta.dirname, '../../playbooks')

describe('The playbooks of the project', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yml'))) {
    it(`have no errors that are found without a host: ${file}`, () => {
      expect(loadPlaybook(join(folder, file)).plays).not.to.be.empty
    })
  }
})
