import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { uri } from '../../src/modules/uri.ts'
import { converge, settled, lint, plan, readState, shells } from './harness.ts'
import { webServer } from './web-server.ts'

const unreachable = 'http://127.0.0.1:9/'

interface Echo {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

describe('module uri', () => {
  const server = webServer()
  const parsed = (given: object): object => uri.params.parse(given)
  const ask = async (given: object): Promise<Record<string, unknown>> => (await converge(uri, given)).result

  for (const shell of shells) {
    it(`registers status, headers and JSON under ${shell}`, async () => {
      const given = { url: `${server.address}/echo?a=[1-3]{x,y}`, return_content: true }
      const { result, changes } = await converge(uri, given, { shell })
      expect(changes).to.be.empty
      expect(result).to.deep.include({ status: 200, content_type: 'application/json', x_twice: 'a, b' })
      expect(result['json']).to.deep.include({ method: 'GET', path: '/echo?a=[1-3]{x,y}' })
      expect(result['content']).to.be.a('string')
    })
  }

  for (const shell of shells)
    it(`fails soon under ${shell} if the headers are endless`, async () => {
      const given = { url: `${server.address}/endless-headers`, timeout: 60 }
      expect(await settled(() => converge(uri, given, { shell }))).to.throw('the headers exceed 256 KB')
    })

  it('does not register the content without return_content', async () => {
    expect(await ask({ url: server.address })).not.to.have.property('content')
  })

  it('follows redirects of a GET', async () => {
    const given = { url: `${server.address}/redirect` }
    expect(await ask(given)).to.include({ status: 200, url: `${server.address}/echo` })
    expect(await ask({ ...given, follow_redirects: 'none', status_code: 302 })).to.include({ status: 302 })
  })

  for (const [status, method] of [
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ] as const)
    for (const body of ['size=1', undefined])
      it(`sends a ${method} after a POST ${body === undefined ? 'without' : 'with'} body is redirected with ${status}`, async () => {
        const given = { method: 'POST', url: `${server.address}/redirect?status=${status}`, body }
        const { json } = await ask({ ...given, follow_redirects: 'all' })
        const sent = method === 'POST' ? (body ?? '') : ''
        expect(json).to.include({ method, path: '/echo', body: sent })
      })

  it('sends headers unchanged', async () => {
    const headers = { Host: 'www.example.com', 'X-Odd': `it's "$(id)" \\ \`é\``, 'X-Empty': '' }
    const { headers: received } = (await ask({ url: server.address, headers }))['json'] as Echo
    expect(received['host']).to.equal('www.example.com')
    expect(received['x-empty']).to.equal('')
    expect(Buffer.from(received['x-odd']!, 'latin1').toString()).to.equal(headers['X-Odd'])
  })

  it('logs in with the first request', async () => {
    const { headers } = (await ask({ url: server.address, url_username: 'me', url_password: 'hunter2' }))[
      'json'
    ] as Echo
    expect(headers['authorization']).to.equal(`Basic ${Buffer.from('me:hunter2').toString('base64')}`)
  })

  it('has no secret in the text of its script', () => {
    const [key] = Object.values(
      uri.reads(parsed({ url: `${server.address}/?token=hunter2`, headers: { Cookie: 'hunter2' } })),
    ).flatMap((keys) => keys ?? [])
    const script = key!.kind.read([key!.question])
    expect(script.text).not.to.include('hunter2')
    lint(script)
  })

  it('fails on an unexpected status and shows the response', async () => {
    expect(await settled(() => ask({ url: `${server.address}/?status=503` }))).to.throw(
      /^GET http:.*status 503, not 200\n\{"method":"GET"/s,
    )
    expect(await ask({ url: `${server.address}/?status=503`, status_code: '200, 503' })).to.include({
      status: 503,
    })
  })

  it('registers its status if it fails', async () => {
    const failure = (given: object): Promise<unknown> => ask(given).catch((error: unknown) => error)
    const refused = await failure({ url: `${server.address}/?status=503` })
    expect(refused).to.have.nested.property('values.status', 503)
    expect(await failure({ url: unreachable })).to.have.nested.property('values.status', -1)
  })

  it('fails with the reason if the connection is refused', async () => {
    expect(await settled(() => ask({ url: unreachable }))).to.throw(
      /GET http:\/\/127.0.0.1:9\/: Failed to connect/,
    )
  })

  it('returns bytes unchanged', () => {
    const { response } = readState(uri.reads(parsed({ url: `${server.address}/bytes` })))
    expect(response).to.deep.include({ body: Buffer.from([0, 10, 255, 13, 10, 128]) })
  })

  it('decodes the character set of the response', async () => {
    expect((await ask({ url: `${server.address}/latin`, return_content: true }))['content']).to.equal('é')
  })

  it('reads only the first megabyte', async () => {
    const given = { url: `${server.address}/large` }
    expect(await ask(given)).to.include({ status: 200 })
    expect(await settled(() => ask({ ...given, return_content: true }))).to.throw(
      'too long for return_content',
    )
  })

  it('registers no content of a HEAD request', async () => {
    expect(await ask({ url: server.address, method: 'HEAD', return_content: true })).to.include({
      status: 200,
      content: '',
    })
  })

  it('reads several requests with one script', () => {
    const keys = ['/a', '/b', '/c'].map(
      (path) => uri.reads(parsed({ url: server.address + path }))['response'],
    )
    const answers = readState(Object.fromEntries(keys.entries())) as Record<string, { body: Buffer }>
    expect(
      Object.values(answers).map(({ body }) => (JSON.parse(body.toString()) as Echo).path),
    ).to.deep.equal(['/a', '/b', '/c'])
  })

  for (const shell of shells) {
    it(`sends a request with a body once, as a change, under ${shell}`, async () => {
      const body = { name: `it's $(id) "é"\n`, list: [1] }
      const { changes, result } = await converge(
        uri,
        { url: `${server.address}/post`, method: 'post', body, body_format: 'json' },
        { shell },
      )
      expect(changes).to.deep.equal([
        { field: 'request', before: null, after: `POST ${server.address}/post`, transient: true },
      ])
      const echo = result['json'] as Echo
      expect(echo.headers['content-type']).to.equal('application/json')
      expect(JSON.parse(echo.body)).to.deep.equal(body)
    })
  }

  it('sends a form', async () => {
    const given = {
      url: server.address,
      method: 'PUT',
      body: { a: 'x y', b: [1, 2] },
      body_format: 'form-urlencoded',
    }
    const echo = (await ask(given))['json'] as Echo
    expect(echo).to.include({ method: 'PUT', body: 'a=x+y&b=1&b=2' })
    expect(echo.headers['content-type']).to.equal('application/x-www-form-urlencoded')
  })

  it('sends a string without the content type of a form', async () => {
    const echo = (await ask({ url: server.address, method: 'POST', body: 'plain' }))['json'] as Echo
    expect(echo.body).to.equal('plain')
    expect(echo.headers).not.to.have.property('content-type')
  })

  it('fails on an unexpected status of a request that is a change', async () => {
    expect(await settled(() => ask({ url: `${server.address}/?status=500`, method: 'POST' }))).to.throw(
      /exit code 1\nHTTP\/1.1 500[^]*"method":"POST"/,
    )
    expect(await settled(() => ask({ url: unreachable, method: 'POST' }))).to.throw(
      /exit code 1\n.*Failed to connect/,
    )
  })

  it('has scripts that pass shellcheck', () => {
    for (const step of plan(uri, { url: unreachable, method: 'DELETE' }).steps) lint(step.script)
  })

  it('sends no request if the file in creates exists', () => {
    expect(plan(uri, { url: unreachable, method: 'POST', creates: '/etc/passwd' }).changes).to.be.empty
    expect(plan(uri, { url: unreachable, method: 'POST', removes: '/etc/passwd' }).changes).to.have.length(1)
  })

  const wrong: [object, string | RegExp][] = [
    [{ url: 'ftp://x' }, 'begins with http'],
    [{ url: 'file:///etc/shadow' }, 'begins with http'],
    [{ url: 'x' }, 'begins with http'],
    [{ url: 'http://x', headers: { 'X-A': 'a\nb' } }, 'must be one line'],
    [{ url: 'http://x', body: 'a' }, 'a GET request has no body'],
    [{ url: 'http://x', status_code: 'ok' }, /status_code/],
  ]
  for (const [given, message] of wrong) {
    it(`rejects ${JSON.stringify(given)}`, () => {
      expect(() => uri.params.parse(given)).to.throw(message)
    })
  }
})

describe('module uri without curl', () => {
  const server = webServer()
  let programs: string
  const path = process.env['PATH']
  const only = (...names: string[]): void => {
    programs = mkdtempSync(join(tmpdir(), 'programs-'))
    mkdirSync(programs, { recursive: true })
    for (const name of [
      'mkdir',
      'mv',
      'head',
      'base64',
      'tr',
      'cat',
      'sed',
      'grep',
      'dash',
      'tail',
      ...names,
    ])
      symlinkSync(
        `/usr/bin/${name === 'busybox-wget' ? 'busybox' : name}`,
        join(programs, name.replace('busybox-', '')),
      )
    process.env['PATH'] = programs
  }
  afterEach(() => {
    process.env['PATH'] = path
    rmSync(programs, { recursive: true, force: true })
  })

  for (const program of ['wget', 'busybox-wget']) {
    it(`sends a request with ${program}`, async () => {
      only(program)
      const { result } = await converge(uri, { url: `${server.address}/redirect`, return_content: true })
      expect(result).to.include({ status: 200, url: `${server.address}/echo` })
      expect(result['json']).to.include({ path: '/echo' })
    })

    it(`fails on an unexpected status with ${program}`, async () => {
      only(program)
      expect(await settled(() => converge(uri, { url: `${server.address}/?status=404` }))).to.throw(
        /status 404, not 200/,
      )
    })

    it(`reports a failed connection with ${program}`, async () => {
      only(program)
      expect(await settled(() => converge(uri, { url: unreachable }))).to.throw(/GET .*([Cc]onnect|refused)/)
    })
  }

  it('sends headers with wget', async () => {
    only('wget')
    const { result } = await converge(uri, { url: server.address, headers: { 'X-Odd': `it's "$(id)" é` } })
    expect(Buffer.from((result['json'] as Echo).headers['x-odd']!, 'latin1').toString()).to.equal(
      `it's "$(id)" é`,
    )
  })

  it("does not send headers with BusyBox's wget, because every user could read them", async () => {
    only('busybox-wget')
    expect(await settled(() => converge(uri, { url: server.address, headers: { 'X-A': 'b' } }))).to.throw(
      'headers need curl',
    )
  })

  it('fails with wget if the request needs curl', async () => {
    only('wget')
    expect(await settled(() => converge(uri, { url: server.address, unix_socket: '/x' }))).to.throw(
      'unix_socket needs curl',
    )
  })

  it('fails if neither curl nor wget is installed', async () => {
    only()
    expect(await settled(() => converge(uri, { url: server.address }))).to.throw(
      'neither curl nor wget is installed',
    )
  })
})
