import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { UserError } from '../../../src/errors.ts'
import { attach, attachFile, sh, type Script } from '../../../src/target/sh.ts'
import { largeSize, partSize } from '../../../src/target/shell/request.ts'
import { hostShells, Link, oldHost, startShell } from './host-shell.ts'
import type { HostShell, RunningShell, StartOptions } from './host-shell.ts'

describe('uploads', () => {
  const open: { readonly running: RunningShell; readonly link: Link | undefined }[] = []
  let scratch: string
  let proof: string

  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hostwright-upload-'))
    proof = join(scratch, 'proof')
  })
  after(() => {
    rmSync(scratch, { recursive: true })
  })
  afterEach(async () => {
    for (const { running, link } of open.splice(0)) {
      running.shell.close()
      link?.cut()
      await running.pipes.ended
    }
    rmSync(proof, { force: true })
  })

  async function start(host: HostShell, options?: StartOptions): Promise<RunningShell> {
    const running = await startShell(host, options)
    open.push({ running, link: options?.link })
    return running
  }

  function send({ shell }: RunningShell, script: Script, signal?: AbortSignal): Promise<string> {
    const outcomes = shell.run({ scripts: [script], timeLimit: 20 }, signal)
    return outcomes.then(([outcome]) => {
      expect(outcome).to.include({ code: 0, stderr: '' })
      return outcome!.stdout
    })
  }

  function source(name: string, size: number): string {
    const path = join(scratch, name)
    writeFileSync(path, Buffer.alloc(size, `${name} ${size}\n`))
    return path
  }

  /** Returns the session's directory for large files. This takes one batch. */
  async function diskOf(running: RunningShell): Promise<string> {
    const large = attach('large', Buffer.alloc(largeSize))
    return dirname((await send(running, sh`readlink ${large}`)).trim())
  }

  /** A session whose link stops in the middle of a large file, for a script that would create the proof. */
  async function stalled(host: HostShell, signal?: AbortSignal) {
    const link = new Link()
    const running = await start(host, { link })
    const disk = await diskOf(running)
    const path = source('stalled', largeSize)
    const stall = link.stallAfter(largeSize / 2)
    const sent = send(running, sh`cat ${attachFile('stalled', path)} >${proof}`, signal)
    const failure = rejection(sent)
    await stall
    await until(() => readdirSync(disk).length === 1)
    return { running, link, disk, path, failure }
  }

  async function expectFit(running: RunningShell, disk: string): Promise<void> {
    expect(await send(running, sh`echo on`)).to.equal('on\n')
    expect(existsSync(proof)).to.equal(false)
    expect(readdirSync(disk)).to.deep.equal([])
  }

  const hosts = hostShells()

  for (const host of [...hosts, oldHost()]) {
    describe(`to a host with ${host.name}`, () => {
      it('transfers files unchanged in pieces of any size', async () => {
        const size = fc.oneof(fc.nat(300), fc.integer({ min: partSize - 1, max: partSize + 1 }))
        await fc.assert(
          fc.asyncProperty(
            fc.array(size, { minLength: 1, maxLength: 3 }),
            fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 }),
            async (sizes, pieces) => {
              const running = await start(host, { pieces: [...pieces, 50_000] })
              const paths = sizes.map((bytes, index) => source(`file${index}`, bytes))
              const files = paths.map((path, index) => attachFile(`file${index}`, path))
              for (const file of files) await send(running, sh`cat ${file} >>${proof}`)
              const expected = Buffer.concat(paths.map((path) => readFileSync(path)))
              expect(readFileSync(proof).equals(expected)).to.equal(true)
              rmSync(proof)
            },
          ),
          { numRuns: 5 },
        )
      }).timeout(60_000)

      it('refuses an upload without enough space in memory, and keeps the session', async () => {
        const running = await start(host)
        const session = dirname((await send(running, sh`echo "$FILES"`)).trim())
        mkdirSync(join(session, '2.0.files'))
        symlinkSync('/dev/full', join(session, '2.0.files', 'small'))
        const small = attachFile('small', source('small', partSize + 1))
        const refused = await rejection(send(running, sh`cat ${small} >${proof}`))
        expect(refused).to.be.instanceOf(UserError).and.not.to.have.property('problem')
        expect(String(refused)).to.include('no space left for the files of a task')
        expect(await send(running, sh`echo on`)).to.equal('on\n')
        expect(existsSync(proof)).to.equal(false)
        expect(readdirSync(session).filter((name) => name.startsWith('2.'))).to.deep.equal([])
      })
    })
  }

  for (const host of hosts) {
    describe(`large files to a host with ${host.name}`, () => {
      it('stores large files on disk, and removes them after the batch', async () => {
        const running = await start(host)
        const places: string[] = []
        for (const size of [0, 1, largeSize - 1, largeSize, largeSize + 1]) {
          const path = source('sized', size)
          const script = sh`cat ${attachFile('sized', path)} >${proof}; readlink "$FILES/sized" || echo memory`
          places.push((await send(running, script)).trim())
          expect(readFileSync(proof).equals(readFileSync(path)), `${size} bytes`).to.equal(true)
        }
        expect(places.map((place) => place === 'memory')).to.deep.equal([true, true, true, false, false])
        const disk = dirname(places[4]!)
        expect(disk).to.match(/^\/(var\/)?tmp\/hostwright-\w+$/)
        expect(readdirSync(disk)).to.deep.equal([])
        running.shell.close()
        await running.pipes.ended
        expect(existsSync(disk)).to.equal(false)
      })

      it('refuses an upload without enough space on disk, and keeps the session', async () => {
        const running = await start(host)
        const disk = await diskOf(running)
        const large = attachFile('large', source('large', largeSize))
        for (const [name, place] of [
          ['2.0.large', '/dev/full'],
          ['3.0.large', join(scratch, 'missing', 'large')],
        ] as const) {
          symlinkSync(place, join(disk, name))
          const refused = await rejection(send(running, sh`cat ${large} >${proof}`))
          expect(refused).to.be.instanceOf(UserError).and.not.to.have.property('problem')
          expect(refused).to.have.property(
            'message',
            `test: no space left for the files of a task in ${dirname(disk)}`,
          )
        }
        await expectFit(running, disk)
      })
      it('discards a cancelled upload, and keeps the session', async () => {
        const controller = new AbortController()
        const { running, link, disk, failure } = await stalled(host, controller.signal)
        controller.abort(new Error('enough'))
        link.goOn()
        expect(await failure).to.have.property('message', 'enough')
        await expectFit(running, disk)
      })

      it('does not wait for a slow link after a cancel request', async () => {
        const controller = new AbortController()
        const { running, link, disk, failure } = await stalled(host, controller.signal)
        controller.abort(new Error('enough'))
        expect(await failure).to.have.property('message', 'enough')
        link.goOn()
        await expectFit(running, disk)
      })

      it('leaves no files after the connection is lost', async () => {
        const { running, link, disk, failure } = await stalled(host)
        link.cut()
        expect(await failure).to.include({ problem: 'lost' })
        await running.pipes.ended
        expect(existsSync(disk)).to.equal(false)
        expect(existsSync(proof)).to.equal(false)
      })

      it('leaves no files after the first process of the session is killed', async () => {
        const { running, disk, failure } = await stalled(host)
        process.kill(running.pid, 'SIGKILL')
        expect(await failure).to.include({ problem: 'lost' })
        await until(() => !existsSync(disk))
        expect(existsSync(proof)).to.equal(false)
      })
    })
  }

  describe('a file', () => {
    const [host] = hosts

    for (const [what, change] of [
      [
        'becomes shorter',
        (path: string) => {
          truncateSync(path, partSize)
        },
      ],
      [
        'becomes longer',
        (path: string) => {
          appendFileSync(path, 'more')
        },
      ],
      [
        'is overwritten',
        (path: string) => {
          writeFileSync(path, Buffer.alloc(largeSize))
        },
      ],
    ] as const) {
      it(`fails if the file ${what} during the transfer, and keeps the session`, async () => {
        const { running, link, disk, path, failure } = await stalled(host!)
        change(path)
        link.goOn()
        expect(await failure)
          .to.be.instanceOf(UserError)
          .and.have.property('message', `cannot send ${path}: the file changed during the transfer`)
        await expectFit(running, disk)
      })
    }

    it('fails before the transfer if the file is missing or not a regular file', async () => {
      const running = await start(host!)
      const missing = join(scratch, 'missing')
      for (const [path, problem] of [
        [missing, 'ENOENT: no such file or directory'],
        [scratch, 'not a regular file'],
      ] as const) {
        const failure = await rejection(send(running, sh`touch ${proof} ${attachFile('f', path)}`))
        expect(failure).to.be.instanceOf(UserError)
        expect(String(failure)).to.include(`cannot send ${path}: ${problem}`)
      }
      expect(await send(running, sh`echo on`)).to.equal('on\n')
      expect(existsSync(proof)).to.equal(false)
    })
  })
})

/** Waits for a condition on the host, because its processes report no events. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}
