import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { command } from './fake-terminal.ts'

describe('a secret that an earlier run left in a file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-former-secret-'))
    await writeFile(join(folder, 'app.conf'), 'user=a\npassword=Tr0ubadour\nport=1\n')
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  async function printed(task: object, output: string): Promise<string> {
    const playbook = join(folder, 'playbook.yml')
    await writeFile(playbook, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: [task] }]))
    const options = ['-i', 'localhost,', '-c', 'local', '--diff', '--output', output]
    const { code, stdout, stderr } = await command('run', playbook, ...options)
    expect(code, stderr).to.equal(0)
    return stdout + stderr
  }

  const edits: readonly (readonly [string, (path: string) => object])[] = [
    ['is removed', (path) => ({ lineinfile: { path, regexp: '^password=', state: 'absent' } })],
    ['is next to a change', (path) => ({ replace: { path, regexp: 'port=1', replace: 'port=2' } })],
    ['is replaced', (path) => ({ copy: { dest: path, content: 'user=a\npassword=changeme\n' } })],
    ['is removed with its file', (path) => ({ file: { path, state: 'absent' } })],
  ]
  for (const output of ['text', 'jsonl'])
    for (const [title, edit] of edits)
      it(`hides a former secret that ${title}, with --output ${output}`, async () => {
        const shown = await printed(edit(join(folder, 'app.conf')), output)
        expect(shown).to.contain('changed')
        expect(shown).not.to.contain('Tr0ubadour')
      })
})
