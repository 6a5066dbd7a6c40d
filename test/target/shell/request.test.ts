import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { attach, attachFile, sh, type Script } from '../../../src/target/sh.ts'
import { framesOf, largeSize, partSize, type Request } from '../../../src/target/shell/request.ts'

describe('framesOf', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-request-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  function file(content: Buffer): string {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    return path
  }

  it('sends a small request as a header line, the files and the go line in one frame', async () => {
    const scripts = [sh`cat ${attach('a', 'né')}`, sh`true`]
    expect(await written({ ...about(scripts), timeLimit: 1.5 })).to.deep.equal([
      'run 3 2 s 14 a a 3 s 4\ncat "$FILES/a"' + 'nétruego 3\n',
    ])
  })

  it('sends the guard before the scripts', async () => {
    expect(await written({ ...about([sh`true`]), guard: sh`exit 1` })).to.deep.equal([
      'run 3 9 g 6 s 4\nexit 1truego 3\n',
    ])
  })

  it('sends a file on the controller in separate parts', async () => {
    const path = file(Buffer.alloc(partSize + 1, 'x'))
    expect(await written(about([sh`cat ${attachFile('a', path)} ${attach('b', 'y')}`]))).to.deep.equal([
      'run 3 9 s 25 a a 0 a b 1\ncat "$FILES/a" "$FILES/b"y',
      `part 3.0.files/a ${partSize}\n${'x'.repeat(partSize)}`,
      'part 3.0.files/a 1\nx',
      'go 3\n',
    ])
  })

  it('stores large attachments on disk, from a file or from memory', async () => {
    const large = Buffer.alloc(largeSize)
    const heads = [attach('a', large), attachFile('a', file(large)), attach('a', large.subarray(1))].map(
      async (attachment) => (await written(about([sh`: ${attachment}`])))[0],
    )
    expect(await Promise.all(heads)).to.deep.equal([
      'run 3 9 s 12 d a\n: "$FILES/a"',
      'run 3 9 s 12 d a\n: "$FILES/a"',
      'run 3 9 s 12 a a 0\n: "$FILES/a"',
    ])
  })

  it('sends the same files in frames of any size, and keeps frames short for cancel requests', async () => {
    const size = fc.oneof(
      fc.nat(40),
      fc.integer({ min: partSize - 2, max: partSize + 2 }),
      fc.nat(3 * partSize),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 4 }), size, async (sizes, length) => {
        const contents = sizes.map((bytes, index) => Buffer.alloc(bytes, `${index} content\n`))
        const text = `: ${'x'.repeat(length)}`
        const attachments = new Map(contents.map((content, index) => [`f${index}`, content]))
        const frames = await written(about([{ text, attachments }]))
        expect(frames.at(-1)).to.match(/go 3\n$/)
        for (const frame of frames) expect(frame.length).to.be.below(partSize + 200)
        const files = received(frames.join(''))
        expect(files.get('3.0') === text).to.equal(true)
        for (const [index, content] of contents.entries())
          expect(files.get(`3.0.files/f${index}`) === content.toString()).to.equal(true)
      }),
      { numRuns: 30 },
    )
  })
})

function about(scripts: readonly Script[]): Request {
  return { id: 3, scripts, timeLimit: 9 }
}

async function written(request: Request): Promise<string[]> {
  const frames: string[] = []
  for await (const { pieces } of framesOf(request)) frames.push(Buffer.concat(pieces).toString())
  return frames
}

/** Returns the files that a host stores for a request without files on disk. */
function received(wire: string): Map<string, string> {
  const files = new Map<string, string>()
  let at = 0
  const take = (file: string, size: number) => {
    files.set(file, (files.get(file) ?? '') + wire.slice(at, at + size))
    at += size
  }
  while (at < wire.length) {
    const end = wire.indexOf('\n', at)
    const [verb, ...words] = wire.slice(at, end).split(' ')
    at = end + 1
    if (verb === 'run') {
      const items = words.slice(2).join(' ')
      for (const [, name, size] of items.matchAll(/(?:s|a (\w+)) (\d+)/g))
        take(name === undefined ? '3.0' : `3.0.files/${name}`, Number(size))
    } else if (verb === 'part') take(words[0]!, Number(words[1]))
    else expect(`${verb} ${words.join(' ')}`).to.equal('go 3')
  }
  return files
}
