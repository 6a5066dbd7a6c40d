import { expect } from 'chai'

import { factsLayer } from '../../src/variables/layer.ts'
import { magicNames, magicVariables } from '../../src/variables/magic.ts'
import { omit } from '../../src/variables/omit.ts'
import { orderLayers } from '../../src/variables/precedence.ts'
import { Scope } from '../../src/variables/scope.ts'

const at = { file: 'site.yml', line: 3, column: 7 }

function scopeOf(host: string): Scope {
  const magic = magicVariables({
    host,
    groupNames: ['all2', 'web'],
    groups: { all: ['www.foobar.com', 'db'], web: ['www.foobar.com'] },
    hosts: new Set(['www.foobar.com', 'db']),
    scopeOf,
    checkMode: true,
    diffMode: false,
    playHosts: ['www.foobar.com'],
    playHostsAll: ['www.foobar.com', 'db.foobar.com'],
    playBatch: ['www.foobar.com'],
    playName: 'site',
    playbookDir: '/playbooks',
    inventoryDir: '/inventory',
    role: { name: 'nginx', path: '/playbooks/roles/nginx' },
  })
  const own = new Map<string, unknown>([
    ['port', host === 'db' ? 3306 : 80],
    ['url', '<%= inventory_hostname %>:<%= port %>'],
    ['inventory_hostname', 'nobody can set it'],
  ])
  return new Scope(orderLayers({ magic: [magic], inventoryHosts: [{ origin: 'hosts.yml', values: own }] }))
}

describe('magic variables', () => {
  const cases: [string, unknown][] = [
    ['inventory_hostname', 'www.foobar.com'],
    ['inventory_hostname_short', 'www'],
    ['group_names', ['all2', 'web']],
    ['groups.web', ['www.foobar.com']],
    ['groups["all"].length', 2],
    ['hostvars.db.port', 3306],
    ['hostvars["db"].url', 'db:3306'],
    ['hostvars[groups.web[0]].url', 'www.foobar.com:80'],
    ['groups.all.map((name) => hostvars[name].url)', ['www.foobar.com:80', 'db:3306']],
    ['Object.keys(hostvars)', ['www.foobar.com', 'db']],
    ['"db" in hostvars && !("x" in hostvars)', true],
    ['hostvars.db?.nothing ?? 5', 5],
    ['ansible_check_mode', true],
    ['ansible_diff_mode', false],
    ['ansible_play_hosts', ['www.foobar.com']],
    ['ansible_play_hosts_all', ['www.foobar.com', 'db.foobar.com']],
    ['ansible_play_batch', ['www.foobar.com']],
    ['playbook_dir', '/playbooks'],
    ['role_name', 'nginx'],
    ['role_path', '/playbooks/roles/nginx'],
    ['omit', omit],
  ]
  for (const [expression, expected] of cases) {
    it(`know ${expression}`, () => {
      expect(scopeOf('www.foobar.com').evaluate(expression, at)).to.deep.equal(expected)
    })
  }

  it('have their names listed', () => {
    const names = scopeOf('db')
      .names()
      .filter((name) => name !== 'port' && name !== 'url')
    expect(new Set(names)).to.deep.equal(magicNames)
  })

  it('name a host that is not there', () => {
    expect(() => scopeOf('db').evaluate('hostvars.dbb.port', at)).to.throw("'hostvars.dbb' is not defined")
  })
})

describe('facts', () => {
  it('have two names each, and are data', () => {
    const scope = new Scope([
      factsLayer({ distribution: 'Debian', motd: '<%= x %>', default_ipv4: { address: '192.0.2.1' } }),
    ])
    expect(scope.evaluate('ansible_distribution + ansible_facts.distribution', at)).to.equal('DebianDebian')
    expect(scope.evaluate('ansible_default_ipv4.address', at)).to.equal('192.0.2.1')
    expect(scope.get('ansible_motd')).to.equal('<%= x %>')
  })
})

describe('the precedence of variables', () => {
  it('is that of Ansible', () => {
    const layer = (origin: string) => [{ origin, values: new Map() }]
    const ordered = orderLayers(
      { extraVars: layer('22'), roleDefaults: layer('2'), facts: layer('11'), magic: layer('magic') },
      {
        inventoryHosts: layer('8'),
        inventoryGroups: layer('3'),
        playVars: layer('12'),
        extraVars: layer('22b'),
      },
    )
    expect(ordered.map(({ origin }) => origin)).to.deep.equal([
      '2',
      '3',
      '8',
      '11',
      '12',
      '22',
      '22b',
      'magic',
    ])
  })
})
