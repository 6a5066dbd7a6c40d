import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'

import { loadPlaybook } from '../../src/playbook/load-playbook.ts'
import { nodesIn } from '../../src/playbook/select/nodes.ts'

interface AnsibleTask {
  readonly name: string
  readonly block?: readonly AnsibleTask[]
}

const here = import.meta.dirname
const templates = join(here, '../../templates')
const roles = join(here, '../../playbooks/roles')

/** The tasks that only other settings than the project's need. */
const unused = /roles\/(mysql\/tasks\/sid|php\/tasks\/single_pool|app\/tasks\/(no_slots|move_php))\.yml$/

/** Each template of the Ansible playbook, with the template of the same name in this project. */
const pairs = readdirSync(join(here, 'ansible/templates')).map((file) => {
  const name = file.replace(/\.j2$/, '')
  const own = readdirSync(templates, { recursive: true, encoding: 'utf8' })
  const path = own.find((path) => basename(path) === `${name}.ejs`)
  if (path === undefined) throw new Error(`there is no template ${name}.ejs any more`)
  return {
    name,
    jinja: readFileSync(join(here, 'ansible/templates', file), 'utf8'),
    ejs: readFileSync(join(templates, path), 'utf8'),
  }
})

/** The files that roles copy to the host unchanged. */
const files = readdirSync(roles, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^\w+\/files\//.test(path) && statSync(join(roles, path)).isFile())
  .map((path) => readFileSync(join(roles, path), 'utf8'))

/** Cheap checks for a drift; the benchmark itself compares the results. */
describe('the contestants of the benchmark', () => {
  it('include an Ansible playbook with the same tasks in the same order', () => {
    const [play] = loadPlaybook(join(here, '../../playbooks/site.yml')).plays
    const tasks = [...nodesIn(play?.sections.flat() ?? [])].filter(
      (node) => node.type === 'task' && !unused.test(node.at.file),
    )
    // some tasks are included again for a move that these settings do not need
    const ours = [...new Map(tasks.map((task) => [`${task.at.file}:${task.at.line}`, task])).values()]
    const plays = parse(readFileSync(join(here, 'ansible/site.yml'), 'utf8')) as { tasks: AnsibleTask[] }[]
    expect(namesOf(plays.at(-1)?.tasks ?? [])).to.deep.equal(ours.map(({ name }) => name))
  })

  for (const { name, jinja, ejs } of pairs) {
    it(`include an Ansible template with the text of ${name}.ejs`, () => {
      const theirs = jinja
        .replaceAll(/\{\{[^]*?\}\}|\{% include [^]*?%\}/g, '…')
        .replaceAll(/\{%[^]*?%\}/g, '')
      const ours = ejs.replaceAll(/<%=[^]*?%>/g, '…').replaceAll(/<%[^]*?%>/g, '')
      expect(linesOf(theirs)).to.deep.equal(linesOf(ours))
    })
  }

  it('include a script that installs every constant line', () => {
    const managed = 'Managed by Hostwright: the next run overwrites manual changes.'
    const script = readFileSync(join(here, 'install.sh'), 'utf8').replaceAll('$managed', managed)
    const installed = new Set(linesOf(script.replaceAll('\\$', '$')))
    const always = [...files, ...pairs.map(({ ejs }) => unconditional(ejs))].flatMap(linesOf)
    expect(always.filter((line) => !installed.has(line))).to.deep.equal([])
  })

  for (const script of ['floor.sh', 'install.sh']) {
    it(`include a script that passes shellcheck: ${script}`, () => {
      const checked = spawnSync('shellcheck', [join(here, script)], { encoding: 'utf8' })
      expect(checked.stdout).to.equal('')
      expect(checked.status).to.equal(0)
    })
  }
})

function namesOf(tasks: readonly AnsibleTask[]): string[] {
  return tasks.flatMap(({ name, block }) => (block === undefined ? [name] : namesOf(block)))
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}

/** Returns the lines without a tag that are outside conditions and loops. */
function unconditional(ejs: string): string {
  const lines: string[] = []
  let depth = 0
  for (const line of ejs.replaceAll(/<%[^%]*\n[^]*?%>/g, '').split('\n')) {
    if (line.startsWith('<% }')) depth -= 1
    if (depth === 0 && !line.includes('<%')) lines.push(line)
    if (line.endsWith('{ -%>')) depth += 1
  }
  return lines.join('\n')
}
