import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { Rehearsal } from '../rehearsal.ts'

describe('a template', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  it('is refused before the run, with the line, if it is not UTF-8 text', async () => {
    const file = rehearsal.write('templates/latin.ejs', '')
    const latin = Buffer.concat([Buffer.from('one é\ntwo\n'), Buffer.from('three é\n', 'latin1')])
    writeFileSync(file, latin)
    const play = `- {hosts: all, tasks: [{template: {src: latin.ejs, dest: "<%= folder %>/made"}}]}\n`
    const error: unknown = await rehearsal.run(play).catch((reason: unknown) => reason)
    expect(String(error)).to.contain('latin.ejs:3: the template is not UTF-8 text here')
    expect(existsSync(join(rehearsal.folder, 'made'))).to.equal(false)
  })

  it('is written as it is if it is UTF-8 text', async () => {
    rehearsal.write('templates/text.ejs', 'é \u{1F600}\n')
    const { tasks } = await rehearsal.run(
      `- hosts: all
  tasks:
    - {template: {src: text.ejs, dest: "<%= folder %>/made"}}
    - {command: {argv: [cat, "<%= folder %>/made"]}, register: made}
    - debug: {msg: "<%= made.stdout %>"}
`,
    )
    expect(tasks.at(-1)?.msg).to.equal('é \u{1F600}')
  })
})
