import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { command } from './fake-terminal.ts'

/** A secret of which no four successive characters are in any other text. */
const secret = 'Tr0ubadour&3-Zephyr_Quill'

describe('a secret in a shortened string', () => {
  let folder: string
  let server: Server
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-shortened-'))
    await writeFile(join(folder, 'vars.yml'), `s: !secret '${secret}'\n`)
    server = createServer((request, response) => {
      const padding = Number(new URL(request.url ?? '', 'http://x').searchParams.get('padding'))
      response.writeHead(500).end(`${'b'.repeat(padding)}${secret} and more`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  async function printed(tasks: readonly object[], ...options: readonly string[]): Promise<string> {
    const playbook = join(folder, 'playbook.yml')
    const play = { hosts: 'all', gather_facts: false, vars_files: ['vars.yml'], tasks }
    await writeFile(playbook, JSON.stringify([play]))
    const run = await command('run', playbook, '-i', 'localhost,', '-c', 'local', ...options)
    return run.stdout + run.stderr
  }

  function expectNoPart(text: string): void {
    expect(text).to.match(/‹secret›|…/)
    for (let start = 0; start + 4 <= secret.length; start += 1)
      expect(text).not.to.contain(secret.slice(start, start + 4))
  }

  for (const output of ['text', 'jsonl'])
    for (const padding of [20, 30, 40, 50, 60, 70, 80])
      it(`shows no part of a secret in a shortened string, with ${padding} characters before it, --output ${output}`, async () => {
        const options = ['--output', output]
        const a = 'a'.repeat(padding)
        const ready = { command: `printf %s ${a}<%= s %> and more`, register: 'done' }
        expectNoPart(await printed([ready, { debug: { msg: '<%= done.stdout %>' } }], '--check', ...options))
        expectNoPart(await printed([{ debug: { msg: 'x' }, when: `"${a}" + s` }], ...options))
        const headers = { 'X-Token': '<%= s %>' }
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?padding=`
        expectNoPart(await printed([{ uri: { url: `${url}${1000 - padding}`, headers } }], ...options))
        expectNoPart(await printed([{ uri: { url: `${url}${640 + padding}`, headers } }], ...options))
      })
})
