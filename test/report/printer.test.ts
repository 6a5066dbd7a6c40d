import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'

import { Printer } from '../../src/report/printer.ts'
import { coloured, shortened, styled } from '../../src/report/style.ts'

describe('Printer', () => {
  let output: string
  const stream = { write: (text: string | Buffer) => (output += text.toString()), columns: 20 }
  const mask = (text: string): string => text.replaceAll('hunter2', '‹secret›')
  beforeEach(() => {
    output = ''
  })

  it('colors styled text, and shows escape sequences in strings', () => {
    new Printer(stream, { paint: coloured }).print([styled('red', 'no: \u001b[32mok'), ' \u001b[0m'])
    expect(output).to.equal('\u001b[31mno: \\x1b[32mok\u001b[39m \\x1b[0m\n')
  })

  it('masks text before it is shortened and escaped', () => {
    const printer = new Printer(stream, { mask })
    printer.print('p=hunter2\u001b')
    printer.draw('0123456789 hunter2 and more')
    printer.json({ password: 'hunter2', title: '\u009b' })
    expect(output).to.equal('p=‹secret›\\x1b\n0123456789 ‹secret›{"password":"‹secret›","title":"\\u009b"}\n')
  })

  it('shortens text after it is masked, at every position of a secret', () => {
    const printer = new Printer(stream, { mask })
    for (let before = 0; before < 30; before += 1)
      printer.print(shortened(15, `${'-'.repeat(before)}hunter2${'-'.repeat(10)}\nshort`))
    expect(output).not.to.match(/hun|ter|er2/)
    for (const line of output.trim().split('\n')) expect(line.length).to.be.at.most(15)
    expect(output).to.contain('short\n').and.to.contain('…')
  })

  it('indents all lines of a question but the first', () => {
    new Printer(stream).question('Code:\n  ok  web1\u001b[2J')
    expect(output).to.equal('Code:\n  |   ok  web1\\x1b[2J')
  })

  it('writes all output of the source through a printer', async () => {
    const source = join(import.meta.dirname, '../../src')
    const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'))
    const writers: string[] = []
    for (const file of files) {
      const text = await readFile(join(source, file), 'utf8')
      if (/\bconsole\.[a-z]+\(|\b(stdout|stderr)\b[?!]?\.write\(|\bprocess\.(stdout|stderr)\b/.test(text))
        writers.push(file)
    }
    expect(files.length).to.be.above(300)
    expect(writers).to.deep.equal([])
  })
})
