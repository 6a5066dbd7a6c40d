import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { failuresOf, insteadOf, runJson, type JsonRun } from './command.ts'
import { machine, rootOn } from './machine.ts'

describe('look-ahead on a host that changes underneath', () => {
  const host = machine({ name: 'interference' })
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-interference-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  async function run(name: string, tasks: string, ...options: readonly string[]): Promise<JsonRun> {
    const file = join(folder, `${name}.yml`)
    writeFileSync(file, `- hosts: all\n  become: yes\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`)
    return runJson([file, '-i', 'host,', ...insteadOf(host), ...options])
  }

  const statuses = ({ tasks }: JsonRun): string[] => tasks.map(({ task, status }) => `${task}: ${status}`)

  it('sees the files that a service writes when it starts', async () => {
    await rootOn(
      host,
      `
      printf 'first\\n' | tee /etc/gen.conf >/etc/gen2.conf
      cat >/etc/systemd/system/generator.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sh -c 'echo "by the service" | tee -a /etc/gen.conf >>/etc/gen2.conf'
ExecStart=/bin/true
UNIT
      systemctl daemon-reload
    `,
    )
    const done = await run(
      'service',
      `
- name: Restart
  service: { name: generator, state: restarted }
- name: Edit
  lineinfile: { path: /etc/gen.conf, line: ours }
- name: Copy
  copy: { dest: /etc/gen2.conf, content: "first\\n" }
`,
    )
    expect(failuresOf(done)).to.deep.equal([])
    expect(statuses(done)).to.deep.equal(['Restart: changed', 'Edit: changed', 'Copy: changed'])
    expect(await rootOn(host, 'cat /etc/gen.conf /etc/gen2.conf')).to.equal(
      'first\nby the service\nours\nfirst\n',
    )
  })

  it('sees the files that a package installs outside of the usual directories', async () => {
    await rootOn(
      host,
      `
      mkdir -p /root/vend/DEBIAN /root/vend/opt/vend
      printf 'Package: vend\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >/root/vend/DEBIAN/control
      echo first >/root/vend/opt/vend/app.conf
      dpkg-deb -b /root/vend /root/vend.deb >/dev/null
    `,
    )
    const done = await run(
      'package',
      `
- name: Install
  apt: { deb: /root/vend.deb }
- name: Edit
  lineinfile: { path: /opt/vend/app.conf, line: ours }
`,
    )
    expect(failuresOf(done)).to.deep.equal([])
    expect(await rootOn(host, 'cat /opt/vend/app.conf')).to.equal('first\nours\n')
  })

  it('keeps the lines of two controllers that edit one file at the same time', async () => {
    await rootOn(host, 'echo first >/etc/shared.conf')
    const lines = (name: string): string =>
      Array.from(
        { length: 25 },
        (_, index) =>
          `- name: ${name} ${index}\n  lineinfile: { path: /etc/shared.conf, line: "${name} ${index}" }`,
      ).join('\n')
    const runs = await Promise.all(['one', 'two'].map((name) => run(name, lines(name))))
    expect(runs.flatMap(failuresOf)).to.deep.equal([])
    expect((await rootOn(host, 'sort -u /etc/shared.conf')).trimEnd().split('\n')).to.have.length(51)
  })

  const editors: Readonly<
    Record<string, readonly [file: string, content: string, task: string, added: string]>
  > = {
    ini_file: [
      '/etc/person.ini',
      '[a]\\nx = 1\\n',
      'ini_file: { path: /etc/person.ini, section: a, option: y, value: 2 }',
      'y = 2',
    ],
    sysctl: [
      '/etc/sysctl.d/person.conf',
      'kernel.panic = 9\\n',
      'sysctl: { name: vm.swappiness, value: 7, reload: no, sysctl_file: /etc/sysctl.d/person.conf }',
      'vm.swappiness = 7',
    ],
    apt_repository: [
      '/etc/apt/sources.list.d/person.list',
      '# no end of the line',
      'apt_repository: { repo: "deb http://deb.example.org/debian x main", filename: person, update_cache: no }',
      'deb http://deb.example.org/debian x main',
    ],
  }
  for (const [module, [file, content, task, added]] of Object.entries(editors))
    it(`keeps the line that a person appends before ${module} writes, while an earlier task runs`, async () => {
      await rootOn(host, `rm -f /run/waiting /etc/waited; printf '${content}' >${file}`)
      const running = run(
        'person',
        `
- name: Wait
  copy: { dest: /etc/waited, content: x, validate: test -s %s && touch /run/waiting && sleep 3 }
- name: Edit
  ${task}
`,
      )
      await rootOn(
        host,
        `
        until [ -e /run/waiting ]; do sleep 0.1; done
        printf '\\n# by a person\\n' >>${file}
      `,
      )
      const done = await running
      expect(failuresOf(done)).to.deep.equal([])
      expect(statuses(done)).to.deep.equal(['Wait: changed', 'Edit: changed'])
      expect(await rootOn(host, `cat ${file}`))
        .to.contain('# by a person\n')
        .and.to.contain(`${added}\n`)
      expect(await rootOn(host, `find /etc -name '.*hostwright*' -o -name '.person*'`)).to.equal('')
    })

  it('fails if another process changes a file again after each reading, and names its service', async () => {
    await rootOn(
      host,
      `
      systemd-run --quiet --unit=scribbler sh -c 'exec >>/etc/scribbled.conf; while :; do echo x; done; :'
      until [ -s /etc/scribbled.conf ]; do sleep 0.1; done
    `,
    )
    const done = await run(
      'scribbler',
      '- name: Edit\n  lineinfile: { path: /etc/scribbled.conf, line: ours }',
    )
    await rootOn(host, 'systemctl stop scribbler; rm /etc/scribbled.conf')
    const [edit] = done.tasks
    expect(edit?.status).to.equal('failed')
    expect(edit?.msg).to.match(
      /\/etc\/scribbled\.conf has changed since it was read, 4 times in a row, because of scribbler\.service/,
    )
  })
})
