import { expect } from 'chai'

import { factsLayer } from '../../src/variables/layer.ts'
import { magicNames, magicVariables } from '../../src/variables/magic.ts'
import { omit } from '../../src/variables/omit.ts'
import { orderLayers } from '../../src/variables/precedence.ts'
import { Scope } from '../../src/variables/scope.ts'
import { expression as expressionOf, layer } from './written.ts'

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
  const own = layer({
    port: host === 'db' ? 3306 : 80,
    url: '<%= inventory_hostname %>:<%= port %>',
    inventory_hostname: 'cannot be overridden',
  })
  return new Scope(orderLayers({ magic: [magic], inventoryHosts: [own] }))
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
    it(`define ${expression}`, () => {
      expect(scopeOf('www.foobar.com').evaluate(expressionOf(expression))).to.deep.equal(expected)
    })
  }

  it('are exactly the listed names', () => {
    const names = scopeOf('db')
      .names()
      .filter((name) => name !== 'port' && name !== 'url')
    expect(new Set(names)).to.deep.equal(magicNames)
  })

  it('report an unknown host', () => {
    expect(() => scopeOf('db').evaluate(expressionOf('hostvars.dbb.port'))).to.throw(
      "'hostvars.dbb' is not defined",
    )
  })
})

describe('facts', () => {
  it('have two names each, and are not rendered', () => {
    const scope = new Scope([
      factsLayer({ distribution: 'Debian', motd: '<%= x %>', default_ipv4: { address: '192.0.2.1' } }),
    ])
    expect(scope.evaluate(expressionOf('ansible_distribution + ansible_facts.distribution'))).to.equal(
      'DebianDebian',
    )
    expect(scope.evaluate(expressionOf('ansible_default_ipv4.address'))).to.equal('192.0.2.1')
    expect(scope.get('ansible_motd')).to.equal('<%= x %>')
  })
})

describe('the precedence of variables', () => {
  it('is the same as in Ansible', () => {
    const layers = (origin: string) => [layer({}, {}, origin)]
    const ordered = orderLayers(
      { extraVars: layers('22'), roleDefaults: layers('2'), facts: layers('11'), magic: layers('magic') },
      {
        inventoryHosts: layers('8'),
        inventoryGroups: layers('3'),
        playVars: layers('12'),
        extraVars: layers('22b'),
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
