import { expect } from 'chai'
import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { TaskFailure } from '../../src/errors.ts'
import { cron } from '../../src/modules/cron.ts'
import {
  jobOf,
  variableOf,
  withJob,
  withoutJob,
  withoutVariable,
  withVariable,
} from '../../src/modules/cron/crontab-text.ts'
import { crontab } from '../../src/state/crontab.ts'
import { staleReading } from '../../src/state/swap/stale-reading.ts'
import { attachedText } from '../attachments.ts'
import { converge, lint, plan, run, shells } from './harness.ts'

describe('a crontab', () => {
  const table = [
    '# mine',
    'MAILTO=root',
    '0 1 * * * /bin/true',
    '#Ansible: a',
    '* * * * * first',
    '#Ansible: b',
    '@daily x',
  ]

  it('finds a job by its name and changes nothing else', () => {
    expect(jobOf(table, 'a')).to.equal('* * * * * first')
    expect(jobOf(table, 'c')).to.equal(undefined)
    expect(withJob(table, 'a', 'new')).to.deep.equal([...table.slice(0, 4), 'new', ...table.slice(5)])
    expect(withJob(table, 'c', 'new')).to.deep.equal([...table, '#Ansible: c', 'new'])
    expect(withoutJob(table, 'a')).to.deep.equal([...table.slice(0, 3), ...table.slice(5)])
  })

  it('replaces or removes all copies of a duplicate job', () => {
    const twice = ['#Ansible: a', 'one', 'x', '#Ansible: a', 'two']
    expect(withJob(twice, 'a', 'new')).to.deep.equal(['#Ansible: a', 'new', 'x'])
    expect(withoutJob(twice, 'a')).to.deep.equal(['x'])
  })

  it('finds variables in any spacing', () => {
    expect(variableOf(['MAILTO = "x=y"'], 'MAILTO')).to.equal('"x=y"')
    expect(withVariable(table, 'MAILTO', '"me"')[1]).to.equal('MAILTO="me"')
    expect(withVariable(table, 'PATH', '"/bin"')[0]).to.equal('PATH="/bin"')
    expect(withoutVariable(table, 'MAILTO')).not.to.include('MAILTO=root')
  })

  it('finds any job that was written, and removes it without a trace', () => {
    const line = fc.string().map((text) => text.replaceAll('\n', ' '))
    fc.assert(
      fc.property(fc.array(line), line, line, (other, name, job) => {
        fc.pre(!other.some((one) => one.startsWith('#Ansible: ')) && !job.startsWith('#Ansible: '))
        const written = withJob(other, name, job)
        expect(jobOf(written, name)).to.equal(job)
        expect(withJob(written, name, job)).to.deep.equal(written)
        expect(withoutJob(written, name)).to.deep.equal(other)
      }),
    )
  })
})

describe('module cron', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cron '))
  })
  after(() => {
    rmSync(directory, { recursive: true })
  })

  for (const shell of shells)
    it(`writes any job to a file under ${shell}, and changes nothing the second time`, async () => {
      const file = join(directory, shell)
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
          // U+FFFD in a crontab counts as a damaged byte
          fc.pre(!/[\n\r\0\uFFFD]/.test(text))
          const given = { name: 'odd $(x) \'"', cron_file: file, user: 'root', minute: 5, job: text }
          rmSync(file, { force: true })
          writeFileSync(file, '# mine', { mode: 0o640 })
          expect((await converge(cron, given, { shell })).changes).to.have.length(1)
          expect(readFileSync(file, 'utf8')).to.equal(
            `# mine\n#Ansible: odd $(x) '"\n5 * * * * root ${text}\n`,
          )
          expect(statSync(file).mode & 0o777).to.equal(0o640)
          expect((await converge(cron, given, { shell })).changes).to.deep.equal([])
          await converge(cron, { name: given.name, cron_file: file, state: 'absent' }, { shell })
          expect(readFileSync(file, 'utf8')).to.equal('# mine\n')
        }),
        { numRuns: 15 },
      )
    })

  const lines: [string, object, string][] = [
    [
      'every field',
      { minute: '*/5', hour: '1-3', day: '1,15', month: 'jan', weekday: 'mon-fri' },
      '*/5 1-3 1,15 jan mon-fri root x',
    ],
    ['a special time', { special_time: 'reboot' }, '@reboot root x'],
    ['a disabled job', { disabled: true }, '#* * * * * root x'],
  ]
  for (const [title, given, line] of lines)
    it(`writes ${title}`, () => {
      const { changes, steps } = plan(cron, {
        name: 'n',
        cron_file: join(directory, 'absent'),
        user: 'root',
        job: 'x',
        ...given,
      })
      expect(changes).to.deep.equal([{ field: 'job', before: undefined, after: line }])
      for (const step of steps) lint(step.script)
    })

  it('writes the crontab of a user with the program crontab', () => {
    const params = cron.params.parse({ name: 'n', user: 'app', job: 'x' })
    const state = { crontab: { writable: true, exists: true, content: '# mine' } } as never
    const [step] = cron.apply(cron.diff(state, params), params, state)
    expect(step?.script.text).to.match(/^crontab '-u' 'app' - <"\$FILES\/crontab"$/m)
    lint(step!.script)
    expect(attachedText(step?.script, 'crontab')).to.equal('# mine\n#Ansible: n\n* * * * * x\n')
  })

  for (const shell of shells)
    it(`writes the crontab of a user only if it is as it was read, under ${shell}`, () => {
      const programs = mkdtempSync(join(directory, 'programs '))
      const table = join(programs, 'table')
      const fake = `#!/bin/sh\nif [ "$1" = -l ]; then cat "$0-table" 2>/dev/null; else cat >"$0-table"; fi\n`
      writeFileSync(join(programs, 'crontab'), fake.replaceAll('$0-table', table), { mode: 0o755 })
      const params = cron.params.parse({ name: 'n', job: 'x' })
      const read = (): never => {
        const { stdout } = run(crontab.read([{}]), shell, { programs })
        return { crontab: crontab.parse(stdout, [{}])[0] } as never
      }
      const write = (state: never): number => {
        const [step] = cron.apply(cron.diff(state, params), params, state)
        return run(step!.script, shell, { programs }).code
      }
      for (const before of [undefined, '# mine\n']) {
        rmSync(table, { force: true })
        if (before !== undefined) writeFileSync(table, before)
        const state = read()
        writeFileSync(table, '# other\n')
        expect(write(state)).to.equal(staleReading)
        expect(readFileSync(table, 'utf8')).to.equal('# other\n')
        expect(write(read())).to.equal(0)
        expect(readFileSync(table, 'utf8')).to.equal('# other\n#Ansible: n\n* * * * * x\n')
      }
    }).timeout(30_000)

  it('fails if the host has no cron', () => {
    expect(() => plan(cron, { name: 'n', cron_file: '/no/such/folder/x', user: 'root', job: 'x' })).to.throw(
      TaskFailure,
      'this host has no cron',
    )
  })

  it('rejects a job that cron would not run', () => {
    const wrong: object[] = [
      { name: 'n' },
      { name: '', job: 'x' },
      { name: 'n', job: 'x\ny' },
      { name: 'n', job: 'x', minute: '5 6' },
      { name: 'n', job: 'x', minute: '5', special_time: 'daily' },
      { name: 'n', job: 'x', cron_file: 'a.conf', user: 'root' },
      { name: 'n', job: 'x', cron_file: '../x', user: 'root' },
      { name: 'n', job: 'x', cron_file: 'x' },
      { name: 'a b', job: 'x', env: true },
    ]
    for (const given of wrong)
      expect(cron.params.safeParse(given).success, JSON.stringify(given)).to.equal(false)
  })
})

describe('a crontab that is not UTF-8', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crontab-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('is refused with the line, unless nothing changes', () => {
    const file = join(folder, 'jobs')
    const content = Buffer.from('# first\n# für\n#Ansible: a\n* * * * * root true\n', 'latin1')
    writeFileSync(file, content)
    const given = { name: 'a', cron_file: file, user: 'root' }
    expect(plan(cron, { ...given, job: 'true' }).changes).to.be.empty
    expect(() => plan(cron, { ...given, job: 'false' })).to.throw(TaskFailure, `${file}: line 2 is not UTF-8`)
    expect(() => plan(cron, { ...given, state: 'absent' })).to.throw(
      TaskFailure,
      `${file}: line 2 is not UTF-8`,
    )
  })
})
