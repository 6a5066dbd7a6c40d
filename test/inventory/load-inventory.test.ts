import { expect } from 'chai'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { NothingMatchedError } from '../../src/errors.ts'
import type { Inventory } from '../../src/inventory/inventory.ts'
import { connectionVariables } from '../../src/inventory/likely-mistakes.ts'
import { loadInventory } from '../../src/inventory/load-inventory.ts'
import { orderLayers } from '../../src/variables/precedence.ts'
import { Scope } from '../../src/variables/scope.ts'
import { diagnosticsOf, folderWith } from './inventory-folder.ts'

const removals: (() => void)[] = []

function folder(files: Readonly<Record<string, string>>): string {
  const { path, remove } = folderWith(files)
  removals.push(remove)
  return path
}

afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

function scopeOf(inventory: Inventory, name: string): Scope {
  const host = inventory.hosts.get(name)
  if (host === undefined) throw new Error(`no host ${name}`)
  return new Scope(orderLayers(host.layers))
}

const yaml = `
all:
  vars:
    level: all
    nested: { a: [1, 2] }
  children:
    web:
      hosts:
        www[01:02].example.com:
          ansible_port: 2222
        extra:
      vars:
        level: web
    db:
      hosts:
        extra:
          level: host
      children:
        replicas:
          vars:
            replica: true
          hosts: { db2: }
ungrouped:
  hosts: { alone: }
`

const ini = `
alone

[web]
www[01:02].example.com ansible_port=2222  # a comment
extra

[db]
extra level=host

[db:children]
replicas

[replicas]
db2

[replicas:vars]
replica=true

[all:vars]
level = all
nested={"a": [1, 2]}

[web:vars]
level=web
`

describe('inventories', () => {
  for (const [format, file, text] of [
    ['YAML', 'hosts.yml', yaml],
    ['INI', 'hosts', ini],
  ] as const) {
    describe(`in ${format}`, () => {
      let inventory: Inventory
      beforeEach(() => {
        inventory = loadInventory([join(folder({ [file]: text }), file)])
      })

      it('define hosts', () => {
        expect([...inventory.hosts.keys()].toSorted()).to.deep.equal([
          'alone',
          'db2',
          'extra',
          'www01.example.com',
          'www02.example.com',
        ])
      })

      it('define groups and their members', () => {
        expect(inventory.groups.get('web')).to.have.members([
          'www01.example.com',
          'www02.example.com',
          'extra',
        ])
        expect(inventory.groups.get('db')).to.have.members(['extra', 'db2'])
        expect(inventory.groups.get('replicas')).to.deep.equal(['db2'])
        expect(inventory.groups.get('ungrouped')).to.deep.equal(['alone'])
        expect(inventory.groups.get('all')).to.have.length(5)
      })

      it('order the groups of a host by depth and name', () => {
        expect(inventory.hosts.get('extra')?.groups).to.deep.equal(['all', 'db', 'web'])
        expect(inventory.hosts.get('db2')?.groups).to.deep.equal(['all', 'db', 'replicas'])
        expect(inventory.hosts.get('alone')?.groups).to.deep.equal(['all', 'ungrouped'])
      })

      it('give precedence to variables of deeper groups and of hosts', () => {
        const levels = [...inventory.hosts.keys()].map((name) => [
          name,
          scopeOf(inventory, name).get('level'),
        ])
        expect(Object.fromEntries(levels)).to.deep.equal({
          alone: 'all',
          db2: 'all',
          extra: 'host',
          'www01.example.com': 'web',
          'www02.example.com': 'web',
        })
        expect(scopeOf(inventory, 'www01.example.com').get('ansible_port')).to.equal(2222)
        expect(scopeOf(inventory, 'db2').get('replica')).to.equal(true)
        expect(scopeOf(inventory, 'alone').get('nested')).to.deep.equal({ a: [1, 2] })
      })

      it('know the position of a variable', () => {
        const line = text.split('\n').findIndex((one) => /level( =|:) ?all/.test(one)) + 1
        expect(scopeOf(inventory, 'alone').at('level')).to.include({ line })
      })
    })
  }

  it('can be a list of names', () => {
    const inventory = loadInventory(['a,b:2200, c[1:2] ,'])
    expect([...inventory.hosts.keys()]).to.deep.equal(['a', 'b', 'c1', 'c2'])
    expect(scopeOf(inventory, 'b').get('ansible_port')).to.equal(2200)
  })

  it('can have several sources, of which the last takes precedence', () => {
    const path = folder({
      'a.yml': 'web: {hosts: {x: {v: 1, w: 1}}, vars: {g: 1}}',
      b: '[web]\nx v=2\n[web:vars]\ng=2',
    })
    const scope = scopeOf(loadInventory([join(path, 'a.yml'), join(path, 'b')]), 'x')
    expect([scope.get('v'), scope.get('w'), scope.get('g')]).to.deep.equal([2, 1, 2])
  })

  it('can be a folder, whose files are read in the order of their names', () => {
    const path = folder({
      '10-a.yml': 'web: {hosts: {x: {v: 1}}}',
      '20-b.ini': '[web]\nx v=2',
      '.hidden': 'broken [',
      'README.md': 'text',
      'old.yml~': 'x',
      'more/c.json': '{"web": {"hosts": {"y": {}}}}',
      'group_vars/web.yml': 'w: 3',
    })
    const inventory = loadInventory([path])
    expect([...inventory.hosts.keys()]).to.deep.equal(['x', 'y'])
    expect(scopeOf(inventory, 'x').get('v')).to.equal(2)
    expect(scopeOf(inventory, 'y').get('w')).to.equal(3)
  })

  it('can be empty', () => {
    const inventory = loadInventory([])
    expect(inventory.hosts.size).to.equal(0)
    expect(
      scopeOf({ ...inventory, hosts: new Map([['localhost', inventory.localhost]]) }, 'localhost').get(
        'ansible_connection',
      ),
    ).to.equal('local')
  })

  it('must exist', () => {
    expect(() => loadInventory(['/nowhere/hosts'])).to.throw(
      NothingMatchedError,
      'no such inventory: /nowhere/hosts',
    )
  })
})

describe('group_vars and host_vars', () => {
  it('are read alongside the inventory and the playbook, in the order of precedence', () => {
    const path = folder({
      'inv/hosts.yml': 'all: {vars: {v: 3}, children: {web: {hosts: {x: {v: 8}}, vars: {v: 3b}}}}',
      'inv/group_vars/all.yml': 'v: 4',
      'play/group_vars/all': 'v: 5',
      'inv/group_vars/web.yaml': 'v: 6',
      'play/group_vars/web/a.yml': 'v: 7',
      'play/group_vars/web/b.yml': 'v: 7b',
      'inv/host_vars/x.json': '{"v": 9}',
      'play/host_vars/x': 'v: 10',
    })
    const inventory = loadInventory([join(path, 'inv/hosts.yml')], { playbookDir: join(path, 'play') })
    const layers = orderLayers(inventory.hosts.get('x')?.layers ?? {})
    expect(layers.map((layer) => layer.values.get('v'))).to.deep.equal([3, '3b', 4, 5, 6, 7, '7b', 8, 9, 10])
  })

  it('are read once if the playbook is in the folder of the inventory', () => {
    const path = folder({ hosts: 'x', 'group_vars/all.yml': 'v: 4' })
    const inventory = loadInventory([join(path, 'hosts')], { playbookDir: path })
    const layers = orderLayers(inventory.hosts.get('x')?.layers ?? {})
    expect(layers.map((layer) => layer.values.get('v'))).to.deep.equal([4])
  })

  it('apply to localhost without an entry in the inventory', () => {
    const path = folder({ 'group_vars/all.yml': 'v: 4', 'host_vars/localhost.yml': 'w: 5' })
    const { localhost } = loadInventory([], { playbookDir: path })
    const scope = new Scope(orderLayers(localhost.layers))
    expect([scope.get('v'), scope.get('w')]).to.deep.equal([4, 5])
  })
})

describe('the order of groups', () => {
  it('depends on depth, priority and name', () => {
    const path = folder({
      'hosts.yml': `
a: {hosts: {x: }, vars: {v: a, ansible_group_priority: 10}}
b: {hosts: {x: }, vars: {v: b}}
c: {children: {d: {hosts: {x: }}}}
`,
    })
    const inventory = loadInventory([join(path, 'hosts.yml')])
    expect(inventory.hosts.get('x')?.groups).to.deep.equal(['all', 'b', 'c', 'a', 'd'])
    expect(scopeOf(inventory, 'x').get('v')).to.equal('a')
    expect(scopeOf(inventory, 'x').has('ansible_group_priority')).to.equal(false)
  })
})

describe('errors in inventories', () => {
  const cases: [string, Record<string, string>, string[]][] = [
    [
      'several errors in YAML',
      { 'h.yml': 'web:\n  host:\n    a:\n  vars: [1]\n  hosts: [a, b]\ndb: 5\n' },
      [
        "h.yml:2:3 unknown key 'host' in the group 'web'",
        "h.yml:4:9 'vars' of the group 'web' must be a mapping",
        "h.yml:5:10 'hosts' of the group 'web' must be a mapping",
        "h.yml:6:5 the group 'db' must be a mapping",
      ],
    ],
    ['a list', { 'h.yml': '- a\n' }, ['h.yml:1:1 an inventory must be a mapping of groups']],
    ['a plugin', { 'h.yml': 'plugin: aws\n' }, ['h.yml:1:9 inventory plugins are not supported']],
    ['a duplicate host', { 'h.yml': 'web:\n  hosts:\n    a:\n    a:\n' }, ["h.yml:4:5 duplicate key 'a'"]],
    [
      'a host among the groups',
      { 'h.yml': 'web:\n  hosts:\n    a:\n  children:\n    a:\n' },
      ["h.yml:5:5 'a' is a host, not a group"],
    ],
    [
      'invalid variables of a host',
      { 'h.yml': 'web:\n  hosts:\n    a: 5\n' },
      ["h.yml:3:8 the variables of the host 'a' must be a mapping"],
    ],
    [
      'an invalid variable name',
      { 'h.yml': 'web:\n  hosts:\n    a: {ansible-port: 5}\n' },
      ["h.yml:3:9 invalid variable name 'ansible-port'"],
    ],
    [
      'a host name like an option',
      { 'h.yml': 'web:\n  hosts:\n    -oProxyCommand=x: \n' },
      ["h.yml:3:5 invalid host name '-oProxyCommand=x'"],
    ],
    [
      'an invalid range',
      { h: 'www[1-5]\nwww[5:1]\n' },
      [
        "h:1:1 'www[1-5]': invalid range [1-5]: write [01:50], [a:f] or [01:50:2]",
        "h:2:1 'www[5:1]': [5:1] ends before it begins",
      ],
    ],
    [
      'invalid lines of INI',
      { h: '[web:varz]\na=1\n[we b]\n[web]\na b\n  c x=1 =2\n[web:vars]\nnothing\n[all:children]\na b\n' },
      [
        'h:1:1 unknown section [web:varz]',
        "h:3:1 invalid group name 'we b'",
        "h:5:3 unexpected 'b'",
        "h:6:9 unexpected '=2'",
        "h:8:1 'nothing' is not an assignment",
        "h:10:3 unexpected 'b': write one group per line",
        "h:10:1 'a' is a host, not a group",
      ],
    ],
    [
      'a cycle of groups',
      { h: '[a:children]\nb\n[b:children]\na\n' },
      ["h:4:1 the group 'a' contains itself: a → b → a"],
    ],
    [
      'invalid variables files',
      { h: 'x', 'group_vars/all.yml': '- a\n', 'host_vars/x.yml': 'a: 1\na: 2\n' },
      [
        'group_vars/all.yml:1:1 a variables file must be a mapping of names to values',
        "host_vars/x.yml:2:1 duplicate key 'a'",
      ],
    ],
    [
      'two variables files',
      { h: 'x', 'group_vars/all.yml': 'a: 1', 'group_vars/all.yaml': 'a: 2' },
      ['group_vars/all.yaml:1:1 duplicate variables file: group_vars/all.yml also exists'],
    ],
  ]
  for (const [name, files, expected] of cases) {
    it(`are reported: ${name}`, () => {
      const path = folder(files)
      const source = join(path, Object.keys(files)[0] ?? '')
      expect(diagnosticsOf(path, () => loadInventory([source]))).to.deep.equal(expected)
    })
  }

  it('are reported: a script', () => {
    const path = folder({ 'inventory.sh': '#!/bin/sh\necho {}\n' })
    chmodSync(join(path, 'inventory.sh'), 0o755)
    expect(diagnosticsOf(path, () => loadInventory([join(path, 'inventory.sh')]))).to.deep.equal([
      'inventory.sh:1:1 inventory scripts are not supported',
    ])
  })
})

describe('values in INI', () => {
  const cases: [string, unknown][] = [
    ['v=80', 80],
    ['v=0644', '0644'],
    ['v=True', true],
    ['v=false', false],
    ['v=None', null],
    ['v="80"', '80'],
    ["v='a b'", 'a b'],
    ['"v=a b"', 'a b'],
    ['v=a\\ b', 'a b'],
    ['v=a#b', 'a#b'],
    ['v=', ''],
    ['v="[1, 2]"', '[1, 2]'],
    ['v=[1,2]', [1, 2]],
    ['v=a=b', 'a=b'],
  ]
  for (const [text, expected] of cases) {
    it(`read ${text} as ${JSON.stringify(expected)}`, () => {
      const path = folder({ h: `x ${text} # comment` })
      expect(scopeOf(loadInventory([join(path, 'h')]), 'x').get('v')).to.deep.equal(expected)
    })
  }
})

describe('likely mistakes in an inventory', () => {
  it('are variables files and connection variables with a name similar to one that is used', () => {
    const path = folder({
      'hosts.ini':
        '[web]\nwww1 ansible_hsot=192.0.2.1\n[db]\ndb1 ansible_python_interpreter=/usr/bin/python3\n',
      'group_vars/wbe.yml': 'ansible_usr: deploy\n',
      'group_vars/web.yml': 'ansible_usre: deploy\nansible_custom: 1\n',
      'group_vars/all.yml': 'ansible_port: 22\n',
      'group_vars/elsewhere.yml': 'a: 1\n',
      'host_vars/ww1.yml': 'a: 1\n',
      'host_vars/www1.yml~': 'a: 1\n',
    })
    const shown = loadInventory([join(path, 'hosts.ini')]).warnings.map((text) =>
      text.replaceAll(`${path}/`, ''),
    )
    expect(shown).to.have.members([
      "group_vars/wbe.yml is not read: there is no group 'wbe', did you mean 'web'?",
      "host_vars/ww1.yml is not read: there is no host 'ww1', did you mean 'www1'?",
      "group_vars/web.yml:1:15: 'ansible_usre' has no effect on the connection, did you mean 'ansible_user'?",
      "hosts.ini:2:6: 'ansible_hsot' has no effect on the connection, did you mean 'ansible_host'?",
    ])
  })

  it('include a section of variables for a group that does not exist', () => {
    const ini = '[wbe:vars]\na=1\n[web]\nwww1\n[all:vars]\nb=1\n[parent:children]\nempty\n[empty:vars]\nc=1\n'
    const path = folder({ 'hosts.ini': ini })
    expect(diagnosticsOf(path, () => loadInventory([join(path, 'hosts.ini')]))).to.deep.equal([
      'hosts.ini:1:1 [wbe:vars] is for a group that does not exist',
    ])
    expect(loadInventory([join(folder({ 'hosts.ini': ini.replace('wbe', 'web') }), 'hosts.ini')]).warnings).to
      .be.empty
  })

  it('know all variables that decide about the connection', () => {
    const source = readFileSync(new URL('../../src/inventory/connection-of.ts', import.meta.url), 'utf8')
    const used = new Set(source.match(/'ansible_\w+'/g)?.map((name) => name.slice(1, -1)))
    expect(used.size).to.be.greaterThan(20)
    expect(connectionVariables).to.include.members([...used])
  })
})
