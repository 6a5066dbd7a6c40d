import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'

import { HostTimeLimit } from '../../src/target/host-time.ts'

/** Blocks the event loop. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('HostTimeLimit', () => {
  const expired = (seconds: number): { limit: HostTimeLimit; over: Promise<string> } => {
    let expire: (what: string) => void = () => undefined
    const over = new Promise<string>((resolve) => (expire = resolve))
    const limit = new HostTimeLimit(seconds, () => {
      expire('expired')
    })
    return { limit, over }
  }

  it('expires if the host is silent', async () => {
    expect(await expired(0.1).over).to.equal('expired')
  })

  it('does not count the time in which this process was busy', async () => {
    const host = spawn('sh', ['-c', 'read line; echo answer'], { stdio: 'pipe' })
    const { limit, over } = expired(0.3)
    const answer = once(host.stdout, 'data').then((data) => String(data).trim())
    host.stdin.end('question\n')
    for (let count = 0; count < 5; count += 1) {
      block(400)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await Promise.race([answer, over])).to.equal('answer')
    limit.clear()
  })

  it('expires for a silent host even if this process was busy in the meantime', async () => {
    const { over } = expired(0.1)
    block(300)
    expect(await over).to.equal('expired')
  })

  it('expires eventually even if this process is always busy', async () => {
    const busy = async () => {
      for (let count = 0; count < 30; count += 1) {
        block(120)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      return 'not expired'
    }
    expect(await Promise.race([expired(0.2).over, busy()])).to.equal('expired')
  })

  it('does not count the time in which this process was stopped', async () => {
    const program = `
      import { HostTimeLimit } from ${JSON.stringify(new URL('../../src/target/host-time.ts', import.meta.url).href)}
      process.stdin.once('data', () => { console.log('answer'); process.exit() })
      new HostTimeLimit(1, () => { console.log('expired'); process.exit() })
      console.log('started')`
    const controller = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const lines: string[] = []
    controller.stdout.on('data', (data: Buffer) => lines.push(data.toString().trim()))
    await once(controller.stdout, 'data')
    controller.kill('SIGSTOP')
    block(1500)
    controller.stdin.write('from the host\n')
    controller.kill('SIGCONT')
    await once(controller, 'close')
    expect(lines).to.deep.equal(['started', 'answer'])
  })

  it('does not expire after the host is done', async () => {
    const done = expired(0.05)
    const later = expired(0.15)
    done.limit.clear()
    expect(await Promise.race([done.over, later.over.then(() => 'later')])).to.equal('later')
  })
})
