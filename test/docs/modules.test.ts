import { expect } from 'chai'
import { readFileSync } from 'node:fs'

import { modulesFile, modulesPage } from './modules-page.ts'

describe('docs/modules.md', () => {
  it('says what the modules take; npm run docs writes it again', () => {
    expect(readFileSync(modulesFile, 'utf8')).to.equal(modulesPage())
  })
})
