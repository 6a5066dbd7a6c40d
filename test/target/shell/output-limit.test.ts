import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'

import { ConnectionError } from '../../../src/errors.ts'
import type { Ending, Pipes } from '../../../src/target/pipes.ts'
import { sh } from '../../../src/target/sh.ts'
import type { Script } from '../../../src/target/sh.ts'
import { AnswerReader } from '../../../src/target/shell/frame.ts'
import { openLoginShell } from '../../../src/target/shell/open-shell.ts'
import { outputLimit } from '../../../src/target/shell/output-limit.ts'
import { marker } from '../../../src/target/shell/bootstrap.ts'
import { Shell } from '../../../src/target/shell/shell.ts'
import { hostShells, startShell } from './host-shell.ts'
import type { HostShell } from './host-shell.ts'

const nonce = 'f00dfeedf00dfeed'
const megabyte = Buffer.alloc(1024 * 1024, 'hostwright\n')

describe('the output limit of a script', () => {
  let scratch: string

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hostwright-output-'))
  })
  afterEach(() => {
    rmSync(scratch, { recursive: true })
  })

  for (const host of hostShells()) {
    describe(`on a host with ${host.name}`, () => {
      it('allows exactly the limit on both streams', async () => {
        const script = sh`
          head -c ${outputLimit} /dev/zero
          head -c ${outputLimit} /dev/zero >&2
        `
        const [outcome] = await onShell(host, [script])
        expect(outcome).to.include({ code: 0 }).and.not.to.have.property('overflow')
        expect(outcome!.stdout).to.have.length(outputLimit)
        expect(outcome!.stderr).to.have.length(outputLimit)
      }).timeout(60_000)

      it('fails a script that exceeds the limit by one byte, and keeps the start of the output', async () => {
        const script = sh`echo begun >&2; head -c ${outputLimit + 1} /dev/zero >&2`
        const [outcome] = await onShell(host, [script])
        expect(outcome).to.include({ code: 141, overflow: 'stderr', stdout: '' })
        expect(outcome!.stderr)
          .to.match(/^begun\n\0+$/)
          .and.to.have.length.below(10_000)
      }).timeout(60_000)

      it('stores no more than the limit for an endless script, so that the disk does not fill up', async () => {
        const taken = join(scratch, 'taken')
        for (const stream of ['stdout', 'stderr'] as const) {
          const [outcome] = await onShell(host, [
            stream === 'stdout' ? printMuch(taken) : sh`exec >&2; ${printMuch(taken)}`,
          ])
          expect(outcome).to.include({ overflow: stream })
          expectNotMuchMoreThanLimit(taken)
        }
      }).timeout(60_000)

      it('stores no more than the limit for a daemon, and keeps its output out of the next answers', async () => {
        const { taken, go, done, script } = daemon(scratch)
        const { shell, pipes } = await startShell(host)
        try {
          const [first] = await shell.run({ scripts: [script], timeLimit: 60 })
          expect(first).to.include({ code: 0, stdout: 'begun\n' })
          const ended = created(done)
          writeFileSync(go, '')
          await ended
          expectNotMuchMoreThanLimit(taken)
          const [next] = await shell.run({ scripts: [sh`echo next; echo too >&2`], timeLimit: 60 })
          expect(next).to.include({ code: 0, stdout: 'next\n', stderr: 'too\n' })
        } finally {
          shell.close()
          await pipes.ended
        }
      }).timeout(60_000)

      it('stores no more than the limit for a daemon after the controller was killed', async () => {
        const { taken, go, done, script } = daemon(scratch)
        const { shell, pipes } = await startShell(host)
        await shell.run({ scripts: [script], timeLimit: 60 })
        pipes.stdin.destroy()
        await pipes.ended
        const ended = created(done)
        writeFileSync(go, '')
        await ended
        expectNotMuchMoreThanLimit(taken)
      }).timeout(60_000)

      it('kills a script with endless output, and keeps the session', async () => {
        const running = await startShell(host)
        try {
          const started = performance.now()
          const [flood] = await running.shell.run({ scripts: [sh`echo $$; yes`], timeLimit: 600 })
          expect(flood).to.include({ code: 141, overflow: 'stdout', timedOut: false })
          expect(performance.now() - started).to.be.below(30_000)
          expect(isAlive(Number(flood!.stdout.split('\n')[0]))).to.equal(false)
          const [next] = await running.shell.run({ scripts: [sh`echo on`], timeLimit: 9 })
          expect(next!.stdout).to.equal('on\n')
        } finally {
          running.shell.close()
          await running.pipes.ended
        }
      }).timeout(60_000)
    })
  }

  it('needs little memory on the controller for a script that prints 1 GB', async () => {
    const [dash] = [{ name: 'dash', path: process.env['PATH']! }]
    const before = process.resourceUsage().maxRSS
    const [outcome] = await onShell(dash, [sh`head -c 1073741824 /dev/zero`])
    expect(outcome).to.include({ code: 141, overflow: 'stdout' })
    expect(process.resourceUsage().maxRSS - before).to.be.below(200 * 1024)
  }).timeout(60_000)
})

describe('a host that exceeds the limits', () => {
  it('loses the connection to a host that sends without an end mark, and reads no more', async () => {
    const { pipes, sent } = floodingPipes(() => megabyte)
    const shell = new Shell('evil', pipes)
    const error = await rejection(shell.run({ scripts: [sh`true`], timeLimit: 600 }))
    expect(error).to.be.instanceOf(ConnectionError)
    expect(String(error)).to.include('evil: the remote shell sent more output than the limit allows')
    const stopped = sent()
    expect(stopped).to.be.below(3 * outputLimit)
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent()).to.be.below(stopped + 3 * megabyte.length)
    expect(pipes.stdout.isPaused()).to.equal(true)
  })

  it('rejects an answer with too many parts', () => {
    const reader = new AnswerReader(nonce)
    const part = Buffer.concat([megabyte, Buffer.from(`${nonce} out\n${nonce} code 0\n`)])
    reader.push(Buffer.from(`${nonce} begin 1\n`))
    let taken = 0
    expect(() => {
      for (let parts = 0; parts < 1000; parts += 1) {
        reader.push(part)
        taken += part.length
      }
    }).to.throw('sent more output than the limit allows')
    expect(taken).to.be.within(4 * outputLimit - part.length, 4 * outputLimit)
  })

  it('allows exactly the limit of an answer, and rejects one byte more', () => {
    const reader = new AnswerReader(nonce)
    const begin = Buffer.from(`${nonce} begin 1\n`)
    const part = Buffer.concat([
      Buffer.alloc(outputLimit / 2),
      Buffer.from(`${nonce} out\n${nonce} code 0\n`),
    ])
    const rest = Buffer.alloc(4 * outputLimit - begin.length - 7 * part.length)
    for (const bytes of [begin, ...Array.from({ length: 7 }, () => part), rest])
      expect(reader.push(bytes)).to.deep.equal([])
    expect(() => reader.push(Buffer.alloc(1))).to.throw('sent more output than the limit allows')
  })

  it('counts the limit of an answer again after each answer', () => {
    const reader = new AnswerReader(nonce)
    const output = Buffer.alloc(outputLimit - 100)
    const answer = Buffer.from(`${nonce} out\n${nonce} code 0\n${nonce} end 1\n`)
    for (let answers = 0; answers < 6; answers += 1) {
      reader.push(output)
      expect(reader.push(answer)).to.have.length(1)
    }
  })

  it('rejects an answer with an endless line', () => {
    const reader = new AnswerReader(nonce)
    reader.push(Buffer.from(`${nonce} refused 1 `))
    expect(() => reader.push(Buffer.alloc(5000, 'x'))).to.throw('a line of more than 4096 bytes')
  })

  it('reports a host with an invalid frame as a lost connection, not as a bug', async () => {
    const { pipes } = floodingPipes((input) => {
      const given = /nonce=([0-9a-f]+);/.exec(input)?.[1]
      return given === undefined ? Buffer.alloc(0) : Buffer.from(`${given} hello\n`)
    })
    const error = await rejection(new Shell('evil', pipes).run({ scripts: [sh`true`], timeLimit: 600 }))
    expect(error).to.be.instanceOf(ConnectionError)
    expect(String(error)).to.include('unknown frame: hello')
  })

  it('reads an answer byte by byte in linear time', () => {
    const reader = new AnswerReader(nonce)
    const started = process.cpuUsage()
    for (let sent = 0; sent < 512 * 1024; sent += 1) reader.push(Buffer.from('f'))
    expect(process.cpuUsage(started).user / 1000).to.be.below(5000)
  }).timeout(60_000)

  it('rejects a host whose login scripts print endlessly', async () => {
    for (const noise of [megabyte, Buffer.from(marker.slice(0, -1).repeat(50))]) {
      const { pipes, sent } = floodingPipes(() => noise)
      const connection = {
        user: 'deploy',
        open: () => Promise.resolve(pipes),
        close: () => Promise.resolve(),
      }
      const error = await rejection(openLoginShell('evil', connection))
      expect(error).to.be.instanceOf(ConnectionError)
      expect(String(error)).to.include('evil: the login scripts of deploy printed more than 16 MB')
      expect(sent()).to.be.below(2 * outputLimit)
      expect([pipes.stdout.isPaused(), pipes.stderr.isPaused()]).to.deep.equal([true, true])
    }
  }).timeout(20_000)
})

/** Yields up to half a gigabyte, and counts the megabytes that are consumed. */
function printMuch(taken: string): Script {
  return sh`
    trap '' PIPE
    megabytes=0
    while [ "$megabytes" -lt 512 ] && head -c 1048576 /dev/zero 2>/dev/null; do megabytes=$((megabytes + 1)); done
    echo "$megabytes" >${taken}
  `
}

/** A process that outlives its script and prints a lot on request. */
function daemon(scratch: string) {
  const [taken, go, done] = [join(scratch, 'taken'), join(scratch, 'go'), join(scratch, 'done')] as const
  const script = sh`
    echo begun
    {
      until [ -e ${go} ]; do sleep 0.1; done
      ${printMuch(taken)}
      : >${done}
    } &
  `
  return { taken, go, done, script }
}

function expectNotMuchMoreThanLimit(taken: string): void {
  const limit = outputLimit / 1024 / 1024
  expect(Number(readFileSync(taken, 'utf8'))).to.be.within(limit, limit + 1)
}

function created(file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(join(file, '..'), (_event, name) => {
      if (join(file, '..', name ?? '') !== file) return
      watcher.close()
      resolve()
    })
  })
}

async function onShell(host: HostShell, scripts: readonly Script[]) {
  const { shell, pipes } = await startShell(host)
  try {
    return await shell.run({ scripts, timeLimit: 60 })
  } finally {
    shell.close()
    await pipes.ended
  }
}

/** A host that repeats the same output as long as it is read. */
function floodingPipes(say: (input: string) => Buffer): { pipes: Pipes; sent: () => number } {
  let input = ''
  let sent = 0
  const stdin = new PassThrough()
  stdin.on('data', (chunk: Buffer) => {
    input += chunk.toString()
  })
  const stdout = new Readable({
    read() {
      setImmediate(() => {
        const bytes = say(input)
        sent += bytes.length
        if (bytes.length > 0) this.push(bytes)
        else this._read(0)
      })
    },
  })
  const ended = new Promise<Ending>(() => undefined)
  return { pipes: { stdin, stdout, stderr: new PassThrough(), ended }, sent: () => sent }
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === false
  } catch {
    return false
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}
