import { expect } from 'chai'
import { readFileSync } from 'node:fs'

import { generated } from './generated.ts'

describe('generated documentation', () => {
  for (const [file, content] of Object.entries(generated))
    it(`keeps ${file} up to date; npm run docs writes it`, async () => {
      expect(
        readFileSync(file, 'utf8') === (await content()),
        `${file} is out of date: run npm run docs`,
      ).to.equal(true)
    })
})
