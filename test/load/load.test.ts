import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

import { FickleServer, serving, type Behaviour } from './fickle-server.ts'
import type { Figures } from './figures.ts'
import { startLoad, underLoad } from './load.ts'
import { reportText } from './report-text.ts'
import type { LoadSettings } from './settings.ts'

const good = serving('a', 'v1')

const misbehaviours: Readonly<Record<string, { behaviour: Behaviour; failure: string; says: RegExp }>> = {
  'resets connections': {
    behaviour: (response) => response.socket?.resetAndDestroy(),
    failure: 'connection',
    says: /ECONNRESET|socket hang up/,
  },
  'closes connections that lay idle': {
    behaviour: (response) => response.socket?.destroy(),
    failure: 'connection',
    says: /on a connection used before/,
  },
  'breaks off within the body': {
    behaviour: async (response) => {
      response.writeHead(200, { 'Content-Length': 1000, 'X-Release': 'a' }).write('version=v1;')
      await new Promise(setImmediate)
      response.socket?.destroy()
    },
    failure: 'connection',
    says: /aborted|ECONNRESET|socket hang up/,
  },
  'answers 502': {
    behaviour: (response) => response.writeHead(502, { 'X-Release': 'a' }).end('Bad\nGateway'),
    failure: 'status',
    says: /status 502: Bad Gateway/,
  },
  'shows another page': {
    behaviour: (response) => response.setHeader('X-Release', 'a').end('It works!'),
    failure: 'body',
    says: /no version in the body: It works!/,
  },
  'shows an empty page': {
    behaviour: (response) => response.setHeader('X-Release', 'a').end(),
    failure: 'body',
    says: /no version in the body/,
  },
  'serves a release that nobody may see': {
    behaviour: serving('b', 'v2'),
    failure: 'foreign release',
    says: /from release b/,
  },
  'names no release': {
    behaviour: (response) => response.end('version=v1;'),
    failure: 'foreign release',
    says: /no release in the header/,
  },
  'mixes two releases': {
    behaviour: serving('a', 'v2'),
    failure: 'mixed release',
    says: /version v2 from release a/,
  },
}

describe('a load', () => {
  let server: FickleServer
  let settings: LoadSettings

  beforeEach(async () => {
    server = new FickleServer()
    settings = {
      address: '127.0.0.1',
      port: await server.listen(),
      host: 'www.example',
      live: { release: 'a', version: 'v1' },
      crowd: { page: 2, arrivals: 20, slow: 1, form: 2, file: 1, idle: 2 },
      maximumSeconds: 60,
    }
  })
  afterEach(() => {
    server.close()
  })

  it('reports every kind of failure with its place, and no false failure', async () => {
    const report = await underLoad(settings, async (load) => {
      await load.answers(100)
      for (const [name, { behaviour }] of Object.entries(misbehaviours)) {
        await load.window(name, async () => {
          server.behaviour = behaviour
          await load.answers(25)
          server.behaviour = good
          await server.answered()
        })
        await load.answers(25)
      }
    })
    for (const [name, { failure, says }] of Object.entries(misbehaviours)) {
      const window = report.windows[name]!
      expect([name, kindsOfFailure(window)]).to.deep.equal([name, [failure]])
      expect(
        messages(window).some((message) => says.test(message)),
        messages(window).join('\n'),
      ).to.be.true
    }
    expect(report.quiet.failed, reportText(report)).to.equal(0)
    expect(report.quiet.requests).to.be.at.least(200)
    expect(Object.keys(report.quiet.visitors)).to.have.members(Object.keys(settings.crowd!))
  })

  it('limits the time for an answer and for its end', async () => {
    const report = await underLoad({ ...settings, patience: 0.5 }, async (load) => {
      await load.window('never begins', async () => {
        server.behaviour = () => undefined
        await load.answers(10)
      })
      await load.window('never ends', async () => {
        server.behaviour = (response) => response.setHeader('X-Release', 'a').write('version=v1;')
        await load.answers(20)
      })
    })
    for (const name of ['never begins', 'never ends']) {
      expect(kindsOfFailure(report.windows[name]!)).to.include('timeout')
      expect(messages(report.windows[name]!)).to.include('no answer within 0.5 s')
    }
  })

  it('fails if the posted data does not come back', async () => {
    const report = await underLoad({ ...settings, crowd: { form: 2, page: 1 } }, async (load) => {
      server.behaviour = (response, question) => good(response, question, 'something else')
      await load.answers(20)
    })
    const { form, page } = report.total.visitors
    expect(form!.failures.map(({ kind, count }) => [kind, count])).to.deep.equal([['body', form!.requests]])
    expect(page!.failed).to.equal(0)
  })

  it('requests the pages of another site if they are named', async () => {
    const asked = new Set<string | undefined>()
    server.behaviour = (...all) => {
      asked.add(all[1].url)
      return good(...all)
    }
    const crowd = { page: 1, file: 1 }
    await underLoad({ ...settings, crowd, pages: { file: '/robots.txt' } }, (load) => load.answers(20))
    expect([...asked]).to.have.members(['/', '/robots.txt'])
  })

  it('lets a connection continue with the next release, and with one that was rolled back to', async () => {
    const report = await underLoad(settings, async (load) => {
      await load.answers(50)
      await load.allow({ release: 'b', version: 'v2' })
      server.behaviour = serving('20260101T000000Z-b', 'v2')
      await load.answers(100)
      await load.allow({ release: 'a', version: 'v1' })
      server.behaviour = good
      await load.answers(100)
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.total.releases).to.have.keys('a', '20260101T000000Z-b')
  })

  it('fails if a connection alternates between releases', async () => {
    const report = await underLoad(settings, async (load) => {
      await load.allow({ release: 'b', version: 'v2' })
      let count = 0
      server.behaviour = (...all) => ((count += 1) % 2 === 0 ? good : serving('b', 'v2'))(...all)
      await load.answers(100)
    })
    expect(kindsOfFailure(report.total)).to.deep.equal(['flip-flop'])
    expect(messages(report.total)).to.include('from release a after b')
  })

  it('accepts only the last release after it is settled', async () => {
    const report = await underLoad({ ...settings, crowd: { page: 2 } }, async (load) => {
      await load.allow({ release: 'b', version: 'v2' })
      await load.answers(20)
      await load.window('settled', async () => {
        await load.settle()
        await load.answers(20)
      })
    })
    expect(report.quiet.failed).to.equal(0)
    expect(kindsOfFailure(report.windows['settled']!)).to.deep.equal(['foreign release'])
  })

  it('counts the delay of the clients that would have come while the server stalled', async () => {
    const perSecond = 50
    const report = await underLoad({ ...settings, crowd: { page: 1, arrivals: perSecond } }, async (load) => {
      await load.answers(20)
      const held: (() => unknown)[] = []
      await load.window('stall', async () => {
        await new Promise<void>((resolve) => {
          server.behaviour = (...all) => {
            held.push(() => good(...all))
            if (held.length === 11) resolve()
          }
        })
        server.behaviour = good
        for (const answer of held) answer()
        await load.answers(20)
      })
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.windows['stall']!.visitors.arrivals!.max).to.be.at.least((9 * 1000) / perSecond)
  })

  it('ends at its maximum of requests, and fails later orders', async () => {
    const load = await startLoad({ ...settings, maximumRequests: 50 })
    const error = await load.answers(100).then(
      () => 'went on',
      (reason: unknown) => String(reason),
    )
    expect(error).to.include('the load has ended at its maximum of requests')
    const report = await load.stop()
    expect(report.ended).to.equal('at its maximum of requests')
    expect(report.total.requests).to.equal(50)
    expect(await load.stop()).to.equal(report)
  })

  it('ends at its maximum of time', async () => {
    const load = await startLoad({ ...settings, maximumSeconds: 0.2 })
    await load.answers(1_000_000).catch(() => undefined)
    expect((await load.stop()).ended).to.equal('at its maximum of seconds')
  })

  it('ends when the process that started it is killed', async () => {
    const program = `
      import { startLoad } from ${JSON.stringify(new URL('load.ts', import.meta.url))}
      const load = await startLoad(${JSON.stringify(settings)})
      await load.answers(20)
      console.log('under load')
    `
    const parent = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    await once(parent.stdout, 'data')
    parent.kill('SIGKILL')
    await once(parent, 'close')
  })

  it('looks up no name, and sends requests only to loopback and throw-away machines', async () => {
    for (const address of ['localhost', 'www.example', '192.0.2.1', '2001:db8::1', '']) {
      const refusal = await startLoad({ ...settings, address }).catch(String)
      expect(refusal).to.include('neither loopback nor the address of a throw-away machine')
    }
  })
})

function failures(figures: Figures): { kind: string; message: string }[] {
  return Object.values(figures.visitors).flatMap(({ failures }) =>
    failures.flatMap(({ kind, first, last }) => [first, last].map(({ message }) => ({ kind, message }))),
  )
}

function kindsOfFailure(figures: Figures): string[] {
  return [...new Set(failures(figures).map(({ kind }) => kind))]
}

function messages(figures: Figures): string[] {
  return failures(figures).map(({ message }) => message)
}
