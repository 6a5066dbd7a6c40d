import { expect } from 'chai'
import Ajv from 'ajv'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

import { modules } from '../../src/modules/index.ts'
import {
  blockKeywords,
  handlerKeywords,
  importKeywords,
  includeKeywords,
  playbookImportKeywords,
  playKeywords,
  roleKeywords,
} from '../../src/playbook/keywords/keywords.ts'
import { loopKeywords } from '../../src/playbook/keywords/loop.ts'
import { readPlaybooks } from '../../src/playbook/load-playbook.ts'
import { keywords } from '../../src/reference/keyword.ts'
import { playbookSchema } from '../../src/reference/playbook-schema.ts'
import { samples } from '../modules/samples.ts'

const validate = new Ajv().compile(playbookSchema(modules))

function isValid(yaml: string): boolean {
  // parsed without its tag, a secret is a mapping or a string
  return validate(parse(yaml, { logLevel: 'silent' })) as boolean
}

/** Returns true if the reader of playbooks accepts the playbook. */
function isReadable(yaml: string, folder: string): boolean {
  const file = join(folder, 'site.yml')
  writeFileSync(file, yaml)
  return readPlaybooks(file).problems.length === 0
}

function play(tasks: string): string {
  return `- hosts: all\n  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`
}

const right: Readonly<Record<string, string>> = {
  'a play': '- hosts: all\n  become: yes\n  serial: [1, 25%]\n  vars: { a: 1 }\n  tasks: []\n',
  'a play with an empty list of tasks': '- hosts: [web, db]\n  tasks:\n',
  'handlers that listen': '- hosts: all\n  handlers:\n    - { name: A, listen: [a, b], debug: { msg: a } }\n',
  'a name with its collection': play('- ansible.builtin.group: { name: a }'),
  'words instead of a mapping': play('- group: name=a state=present'),
  'a string that sets a parameter': play('- command: ls -l\n  args: { chdir: /tmp }\n  changed_when: false'),
  'no parameters': play('- debug:'),
  'an alias': play('- lineinfile: { dest: /etc/a, line: b }'),
  'an expression for a list': play("- apt: { name: '<%= packages %>' }"),
  'an expression for a boolean': play("- service: { name: a, enabled: '<%= on %>' }"),
  'an expression for a choice': play("- group: { name: a, state: '<%= state %>' }"),
  'an expression in a list': play("- uri: { url: 'http://a', status_code: [200, '<%= other %>'] }"),
  'a secret': play('- user: { name: a, password: !secret { env: HASH } }'),
  'numbers as strings': play("- group: { name: a, gid: '17' }\n  retries: '3'\n  until: true"),
  'a mode as a number': play('- file: { path: /a, state: touch, mode: 0644 }'),
  'a boolean as a word': play('- group: { name: a, system: Yes }'),
  'several conditions': play('- debug: { msg: a }\n  when: [a > 1, true]'),
  'a loop over an expression': play(
    "- debug: { msg: '<%= item %>' }\n  loop: '<%= list %>'\n  loop_control: { label: a }",
  ),
  'a loop in the old notation': play("- debug: { msg: '<%= item %>' }\n  with_items: [1, [2]]"),
  'a block': play('- block:\n    - debug: { msg: a }\n  rescue:\n    - meta: noop\n  when: a'),
  'any variable of set_fact': play('- set_fact: { anything: { a: 1 } }'),
}

const wrong: Readonly<Record<string, string>> = {
  'an unknown keyword of a play': '- hosts: all\n  taskz: []\n',
  'a play without hosts': '- tasks: []\n',
  'an unknown strategy': '- hosts: all\n  strategy: linaer\n',
  'an unknown module': play('- coppy: { dest: /x }'),
  'an unknown keyword of a task': play('- debug: { msg: a }\n  wen: a'),
  'a task without a module': play('- name: nothing'),
  'two modules': play('- debug: { msg: a }\n  group: { name: a }'),
  'a keyword that does not work yet': play('- debug: { msg: a }\n  async: 10'),
  'listen on a task': play('- debug: { msg: a }\n  listen: a'),
  'an unknown parameter': play('- group: { name: a, gidd: 1 }'),
  'an unknown parameter of a module with its collection': play(
    '- ansible.builtin.group: { name: a, gidd: 1 }',
  ),
  'an unknown parameter under args': play('- command: ls\n  args: { chdri: /tmp }'),
  'an unknown choice': play('- group: { name: a, state: gone }'),
  'a word that is not a boolean': play('- group: { name: a, system: maybe }'),
  'a word that is not a number': play('- group: { name: a, gid: many }'),
  'a path that is not absolute': play('- stat: { path: a }'),
  'a mapping instead of a string': play('- group: { name: { a: 1 } }'),
  'a required parameter that is missing': play('- group: { state: present }'),
  'a parameter missing under all its names': play('- lineinfile: { line: a }'),
  'a string for a module that takes none': play('- group: a'),
  'an unknown meta action': play('- meta: flush_handler'),
  'an invalid variable name': play('- debug: { msg: a }\n  register: a-b'),
  'an unknown keyword of loop_control': play('- debug: { msg: a }\n  loop: [1]\n  loop_control: { loop: a }'),
  'a loop over a name': play('- debug: { msg: a }\n  loop: list'),
  'a repeated import': play('- import_tasks: a.yml\n  loop: [1]'),
  'an unknown keyword of a block': play('- block: []\n  register: a'),
}

describe('playbookSchema', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'playbook-schema-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('accepts every shipped playbook and file of tasks or handlers', () => {
    const files = readdirSync('playbooks', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^[^/]+\.yml$|\/(tasks|handlers)\/.*\.yml$/.test(file),
    )
    expect(files).to.have.length.above(30)
    for (const file of files) {
      const valid = isValid(readFileSync(`playbooks/${file}`, 'utf8'))
      expect(valid, `${file}: ${JSON.stringify(validate.errors?.slice(-3))}`).to.equal(true)
    }
  })

  for (const [title, yaml] of Object.entries(right))
    it(`accepts ${title}, as the reader does`, () => {
      expect(isReadable(yaml, folder), 'reader').to.equal(true)
      expect(isValid(yaml), JSON.stringify(validate.errors?.slice(-3))).to.equal(true)
    })

  for (const [title, yaml] of Object.entries(wrong))
    it(`rejects ${title}, as the reader does`, () => {
      expect(isReadable(yaml, folder), 'reader').to.equal(false)
      expect(isValid(yaml)).to.equal(false)
    })

  it('accepts the parameters of every sample', () => {
    const tasks = Object.entries(samples).flatMap(([name, all]) =>
      all.map(({ given }) => ({ [name]: given })),
    )
    expect(tasks).to.have.length.above(100)
    for (const task of tasks) {
      const valid = validate([task]) as boolean
      expect(valid, `${JSON.stringify(task)}: ${JSON.stringify(validate.errors?.slice(-3))}`).to.equal(true)
    }
  })

  it('has an entry for every keyword', () => {
    const tables = [
      playKeywords,
      playbookImportKeywords,
      roleKeywords,
      blockKeywords,
      handlerKeywords,
      importKeywords,
      includeKeywords,
    ]
    const known = new Set([...loopKeywords, ...tables.flatMap((table) => [...table.known])])
    expect(Object.keys(keywords)).to.have.members([...known])
  })

  for (const name of ['strategy', 'order', 'connection'])
    it(`offers only choices of ${name} that the reader accepts`, () => {
      const choices = keywords[name]?.schema.enum ?? []
      expect(choices).to.have.length.above(1)
      for (const choice of choices)
        expect(isReadable(`- hosts: all\n  ${name}: ${String(choice)}\n`, folder), String(choice)).to.equal(
          true,
        )
    })
})
