import { appendFileSync, chmodSync, existsSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { webServer } from '../modules/web-server.ts'
import { outcomes, Rehearsal, type Rehearsed } from './rehearsal.ts'

/** Tasks that make the content of a file from its previous content. */
const edits: Readonly<Record<string, string>> = {
  lineinfile: '{path: "<%= folder %>/file", line: ours}',
  blockinfile: '{path: "<%= folder %>/file", block: ours}',
  replace: '{path: "<%= folder %>/file", regexp: first, replace: ours}',
  ini_file: '{path: "<%= folder %>/file", section: x, option: ours, value: 1}',
  cron: '{name: x, cron_file: "<%= folder %>/file", user: root, job: ours}',
}

describe('A run on a host that something else changes', () => {
  let rehearsal: Rehearsal
  let file: string
  beforeEach(() => {
    rehearsal = new Rehearsal()
    file = rehearsal.write('file', '# first\n')
  })
  afterEach(() => {
    rehearsal.remove()
  })

  /** Runs tasks after one that takes a while, and calls the action while that one runs. */
  async function runWhile(action: () => void, ...tasks: readonly string[]): Promise<Rehearsed> {
    const watcher = watch(rehearsal.folder, (_event, name) => {
      if (name !== 'started') return
      watcher.close()
      action()
    })
    try {
      return await rehearsal.run(`
- hosts: all
  tasks:
    - name: wait
      copy:
        dest: <%= folder %>/waited
        content: x
        validate: test -s %s && touch '<%= folder.replaceAll("'", "'\\\\''") %>/started' && sleep 0.5
${tasks.map((task) => `    - ${task}`).join('\n')}
`)
    } finally {
      watcher.close()
    }
  }

  const append = (): void => {
    appendFileSync(file, '# by a person\n')
  }
  const content = (): string => readFileSync(file, 'utf8')

  for (const [module, params] of Object.entries(edits))
    it(`keeps a line that a person appends before ${module} edits the file`, async () => {
      const run = await runWhile(append, `{name: edit, ${module}: ${params}}`)
      expect(outcomes(run)).to.deep.equal(['wait: changed', 'edit: changed'])
      expect(content()).to.contain('# by a person\n').and.to.contain('ours')
    })

  it('keeps the content of a file that a person creates before lineinfile creates it', async () => {
    const created = `${file}-created`
    const run = await runWhile(() => {
      writeFileSync(created, '# by a person\n')
    }, '{name: edit, lineinfile: {path: "<%= folder %>/file-created", line: ours, create: true}}')
    expect(outcomes(run)).to.deep.equal(['wait: changed', 'edit: changed'])
    expect(readFileSync(created, 'utf8')).to.equal('# by a person\nours\n')
  })

  it('keeps a file that a person creates before a copy with force: false', async () => {
    const created = `${file}-created`
    const run = await runWhile(() => {
      writeFileSync(created, '# by a person\n')
    }, '{name: edit, copy: {dest: "<%= folder %>/file-created", content: ours, force: false}}')
    expect(outcomes(run)).to.deep.equal(['wait: changed', 'edit: ok'])
    expect(readFileSync(created, 'utf8')).to.equal('# by a person\n')
  })

  it('shows the replaced content as it was, not as it was read ahead', async () => {
    const run = await runWhile(append, '{name: edit, copy: {dest: "<%= folder %>/file", content: "ours\\n"}}')
    expect(outcomes(run)).to.deep.equal(['wait: changed', 'edit: changed'])
    const [change] = run.tasks.at(-1)?.changes ?? []
    expect(change?.before).to.equal('# first\n# by a person\n')
    expect(content()).to.equal('ours\n')
  })

  it('keeps the mode that a person sets before a task changes a part of it', async () => {
    const run = await runWhile(() => {
      chmodSync(file, 0o600)
    }, '{name: edit, file: {path: "<%= folder %>/file", mode: u+x}}')
    expect(outcomes(run)).to.deep.equal(['wait: changed', 'edit: changed'])
    expect(statSync(file).mode & 0o7777).to.equal(0o700)
  })

  it('keeps the mode that a person sets before lineinfile edits the file', async () => {
    await runWhile(() => {
      chmodSync(file, 0o600)
    }, '{name: edit, lineinfile: {path: "<%= folder %>/file", line: ours}}')
    expect(statSync(file).mode & 0o7777).to.equal(0o600)
  })

  it('keeps a file that a person creates before a task creates a symlink there', async () => {
    const created = `${file}-created`
    const run = await runWhile(() => {
      writeFileSync(created, '# by a person\n')
    }, '{name: link, file: {path: "<%= folder %>/file-created", src: file, state: link}}')
    expect(outcomes(run)).to.deep.equal(['wait: changed', 'link: failed'])
    expect(run.tasks.at(-1)?.msg).to.contain('is already a file')
    expect(readFileSync(created, 'utf8')).to.equal('# by a person\n')
  })

  it('keeps the lines of two runs that edit one file at the same time', async () => {
    const other = new Rehearsal()
    const play = (name: string): string => `
- hosts: all
  tasks:
    - name: edit
      lineinfile: {path: "<%= shared %>", line: "${name} <%= item %>"}
      loop: '<%= Array.from({length: 12}, (_, index) => index) %>'
`
    try {
      const options = { vars: { shared: file } }
      const runs = await Promise.all([rehearsal.run(play('one'), options), other.run(play('two'), options)])
      expect(runs.map((run) => run.tasks.map(({ msg }) => msg).join())).to.deep.equal(['', ''])
      expect(runs.map((run) => outcomes(run))).to.deep.equal([['edit: changed'], ['edit: changed']])
    } finally {
      other.remove()
    }
    expect(content().trimEnd().split('\n')).to.have.length(25)
  }).timeout(60_000)

  describe('requests', () => {
    const server = webServer()
    const request = (name: string): string =>
      `{name: ${name}, uri: {url: "http://127.0.0.1:${server.port}/log?file=<%= encodeURIComponent(folder) %>/requests&text=${name}"}}`
    const requests = (): string =>
      existsSync(`${rehearsal.folder}/requests`) ? readFileSync(`${rehearsal.folder}/requests`, 'utf8') : ''
    const playOf = (...tasks: readonly string[]): string => `- {hosts: all, tasks: [${tasks.join(', ')}]}`

    it('sends a request once, and only when its task runs', async () => {
      const run = await rehearsal.run(
        playOf(
          '{name: first, command: "true"}',
          request('A'),
          '{name: fails, command: "false"}',
          request('B'),
        ),
      )
      expect(outcomes(run)).to.deep.equal(['first: changed', 'A: ok', 'fails: failed'])
      expect(requests()).to.equal('A')
    })

    it('sends a request for each task, even if nothing has changed since the same request', async () => {
      await rehearsal.run(playOf(request('A'), request('A')))
      expect(requests()).to.equal('AA')
    })

    it('sends no request in a dry run after a task that would change something', async () => {
      const run = await rehearsal.run(
        playOf(request('A'), '{name: change, copy: {dest: "<%= folder %>/new", content: x}}', request('B')),
        { check: true },
      )
      expect(outcomes(run)).to.deep.equal(['A: ok', 'change: changed', 'B: unknown'])
      expect(requests()).to.equal('A')
    })

    it('sends no request if its precondition does not hold', async () => {
      const run = await rehearsal.run(
        playOf(request('A').replace('uri: {', 'uri: {creates: "<%= folder %>/file", ')),
      )
      expect(outcomes(run)).to.deep.equal(['A: ok'])
      expect(requests()).to.equal('')
    })
  })
})
