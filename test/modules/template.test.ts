import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { Source } from '../../src/modules/definition/module.ts'
import { template } from '../../src/modules/template.ts'
import { converge } from './harness.ts'

const source: Source = { type: 'file', path: '/t/app.conf.ejs', content: Buffer.from('é\n'), mode: '0640' }

describe('template', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a template "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  it('writes the rendered content', async () => {
    const params = { src: 'app.conf.ejs', dest: join(directory, 'app.conf'), mode: 'preserve' }
    const done = await converge(template, params, { source })
    expect(readFileSync(params.dest, 'utf8')).to.equal('é\n')
    expect(statSync(params.dest).mode & 0o7777).to.equal(0o640)
    expect(done.result).to.include({ dest: params.dest, mode: '0640', size: 3 })
    expect((await converge(template, params, { source })).changes).to.deep.equal([])
  })

  it('removes .ejs from the name in a directory', async () => {
    mkdirSync(join(directory, 'conf.d'))
    const done = await converge(
      template,
      { src: 'app.conf.ejs', dest: join(directory, 'conf.d') },
      { source },
    )
    expect(done.result['dest']).to.equal(join(directory, 'conf.d/app.conf'))
  })
})
