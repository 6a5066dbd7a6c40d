import { PassThrough } from 'node:stream'
import { expect } from 'chai'

import { ConnectionError } from '../../../src/errors.ts'
import type { Connection, Ending } from '../../../src/target/pipes.ts'
import { bootstrap, marker } from '../../../src/target/shell/bootstrap.ts'
import { openBecomeShell, openLoginShell } from '../../../src/target/shell/open-shell.ts'
import type { Shell } from '../../../src/target/shell/shell.ts'
import { controlHostTime } from '../host-time-control.ts'

/** A host whose login shell prints what a test says. */
class Host implements Connection {
  readonly user = 'deploy'
  readonly commands: string[] = []
  readonly stdin = new PassThrough()
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly ended: Promise<Ending>
  end: (ending: Ending) => void = () => undefined

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve))
  }

  open(command: string): Promise<this> {
    this.commands.push(command)
    return Promise.resolve(this)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a login shell that opens', () => {
  const time = controlHostTime()
  let host: Host
  let opened: Promise<Shell>
  let state: string

  beforeEach(() => {
    host = new Host()
    state = 'waiting'
    watch(openLoginShell('web1', host))
  })

  function watch(opening: Promise<Shell>): void {
    opened = opening
    opening.then(
      () => (state = 'open'),
      () => (state = 'failed'),
    )
  }

  async function failure(): Promise<ConnectionError> {
    const error: unknown = await opened.catch((reason: unknown) => reason)
    if (!(error instanceof ConnectionError)) throw error
    return error
  }

  it('starts the program when the marker has arrived in pieces, after the output of login scripts', async () => {
    await turn()
    expect(host.commands).to.deep.equal([`exec sh -c '${bootstrap}'`])
    host.stdout.write(`Welcome\n${marker.slice(0, 5)}`)
    await turn()
    expect(state).to.equal('waiting')
    host.stdout.write(marker.slice(5))
    await opened
    expect(time.timers).to.equal(0)
    for (const stream of [host.stdout, host.stderr]) expect(stream.listenerCount('data')).to.equal(1)
  })

  it('reports the exit code and the last lines of a login shell that runs no command', async () => {
    host.stdout.write('one\ntwo\nthree\nfour\nfive\nsix\n')
    await turn()
    host.end({ code: 1 })
    const { problem, message, hint } = await failure()
    expect(problem).to.equal('lost')
    expect(message).to.equal(
      'web1: the login shell of deploy exited with code 1 before it ran a command; ' +
        'it printed:\ntwo\nthree\nfour\nfive\nsix',
    )
    expect(hint).to.include('check that sh exists')
    expect(time.timers).to.equal(0)
  })

  it('reports stderr of a login shell that runs no command instead of stdout', async () => {
    host.stdout.write('Welcome\n')
    host.stderr.write('This account is currently not available.\n')
    await turn()
    host.end({ code: 1 })
    const { message } = await failure()
    expect(message).to.match(/it printed:\nThis account is currently not available\.$/)
  })

  it('reports the signal that killed a login shell, without quotes if it printed nothing', async () => {
    host.end({ signal: 'SIGSEGV' })
    expect((await failure()).message).to.equal(
      'web1: the login shell of deploy was killed by SIGSEGV before it ran a command',
    )
  })

  it('reports a connection that is lost right after the login', async () => {
    host.end({ cause: new Error('Keepalive timeout') })
    const { problem, message } = await failure()
    expect(problem).to.equal('lost')
    expect(message).to.equal('web1: the connection was lost right after the login')
  })

  it('waits 30 seconds for a login shell, reports what it printed last, and ends it', async () => {
    host.stdout.write(`${'x'.repeat(20_000)}\nEnter your name: `)
    await time.pass(29)
    expect(state).to.equal('waiting')
    await time.pass(2)
    const { problem, message } = await failure()
    expect(problem).to.equal('timeout')
    expect(message).to.match(
      /^web1: the login shell of deploy ran no command within 30 seconds; it printed:\nx{9900,10000}\nEnter your name:$/,
    )
    expect(host.stdin.writableEnded).to.equal(true)
    for (const stream of [host.stdout, host.stderr]) {
      expect(stream.isPaused()).to.equal(true)
      expect(stream.listenerCount('data')).to.equal(0)
    }
  })

  it('reports a sudo that runs no command within 30 seconds', async () => {
    host = new Host()
    watch(openBecomeShell('web1', host, { user: 'root', method: 'sudo' }))
    host.stderr.write('Touch your token\n')
    await time.pass(31)
    const { problem, message } = await failure()
    expect(problem).to.equal('become')
    expect(message).to.equal('web1: sudo ran no command; it printed:\nTouch your token')
  })

  it('names the user whose login scripts print endlessly', async () => {
    host = new Host()
    watch(openBecomeShell('web1', host, { user: 'postgres', method: 'sudo' }))
    for (let megabytes = 0; megabytes < 17; megabytes += 1) {
      host.stderr.write(Buffer.alloc(1024 * 1024, 'x'))
      await turn()
    }
    expect((await failure()).message).to.equal(
      'web1: the login scripts of postgres printed more than 16 MB before the shell ran a command',
    )
  })
})
