import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'

import { CodeBase } from '../deploy/code-base.ts'
import { HttpRepository } from '../deploy/repository/http-repository.ts'

describe('a watch of a repository with a token in its URL', () => {
  it('passes the token to its deploys without showing it in a command line', async () => {
    const codeBase = await CodeBase.make()
    await codeBase.release('v1')
    const server = await HttpRepository.serve(codeBase.checkout, 'ci:T0KENps99', 'version=2')
    const main = join(import.meta.dirname, '../../src/cli/main.ts')
    const options = ['--tags', 'v*', '--once', '--deploy-newest', '--', '-i', 'web1,', '-c', 'local']
    const watch = spawn(process.execPath, [main, 'watch', ...options], {
      cwd: codeBase.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: `--import=${pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href}`,
        HOSTWRIGHT_REPO: `http://ci:T0KENps99@127.0.0.1:${server.port}/shop.git`,
      },
    })
    const [stdout, stderr] = await Promise.all([text(watch.stdout), text(watch.stderr), once(watch, 'close')])
    const { port } = server
    await server.close()
    await codeBase.remove()

    const lines = [...server.commandLines]
    expect(lines.filter((line) => line.includes(' deploy --tag=v1 '))).to.have.length(1)
    expect(lines.filter((line) => line.includes('T0KEN'))).to.deep.equal([])
    expect(stderr).to.contain('v1: deploying').and.contain(`tag v1 of http://127.0.0.1:${port}/shop.git`)
    expect(stdout + stderr).not.to.contain('T0KEN')
  })
})
