const attributes = { owner: 'daemon', group: 'daemon', uid: 1, gid: 1, size: 4, mtime: 5, links: 1 }
const there = { exists: true, ...attributes, device: 1, inode: 2 }
const file = {
  ...there,
  type: 'file',
  mode: '0600',
  sha256: 'ab'.repeat(32),
  content: Buffer.from('a = 2\nb\n'),
}
const folder = { ...there, type: 'directory', mode: '0700' }

const paths: readonly unknown[] = [
  { exists: false },
  folder,
  file,
  { ...there, type: 'link', mode: '0777', target: 'x', followed: { ...file, real: '/x' }, real: '/y' },
  { ...there, type: 'link', mode: '0777', target: 'x', followed: { exists: false, real: '/x' }, real: '/y' },
]

const trees: readonly unknown[] = [
  { entries: [] },
  { entries: [{ type: 'file', mode: '0600', owner: 'daemon', group: 'daemon', uid: 1, gid: 1, count: 3 }] },
]

const release = { id: '20260101T000000Z-abc1234', information: { revision: 'ab'.repeat(20) } }
const none = { current: { type: 'absent' }, releases: [], unfinished: [], slots: {}, maintenance: false }

const deployments: readonly unknown[] = [
  none,
  { ...none, current: { type: 'foreign' } },
  { ...none, releases: [{ ...release, state: 'ready' }], unfinished: ["it's.partial"] },
  {
    ...none,
    current: { type: 'release', id: release.id },
    candidate: release.id,
    releases: [
      { id: "it's", state: 'retired', information: {} },
      { ...release, state: 'live', since: '2026-01-01T00:00:00Z', socket: '/run/php/shop-blue.sock' },
    ],
    slots: { blue: release.id, green: "it's" },
    maintenance: true,
  },
]

/** Possible answers to the keys of each kind: missing, as wanted, and different. */
export const madeUpAnswers: Readonly<Record<string, readonly unknown[]>> = {
  'package-lists': [{}, { age: 5 }, { age: 99999, outdated: true }],
  'apt-plan': [[], ['install a 2']],
  'apt-sources': [
    {},
    {
      '/etc/apt/sources.list': ['deb https://example.org/debian stable main'],
      '/etc/apt/sources.list.d/b.list': ['deb https://example.org/debian stable main', '# more'],
    },
  ],
  crontab: [
    { writable: true, exists: false, content: '' },
    { writable: true, exists: true, content: '#Ansible: a\n* * * * * true\nPATH="/usr"\n#Ansible: it\'s\nx' },
  ],
  'deb-file': [
    { exists: true, name: 'a', version: '2' },
    { exists: true, name: 'a', version: '2', installedVersion: '1' },
  ],
  'deploy-lock': [
    null,
    ...['run', 'other'].map((run) => ({ run, by: 'ann', since: 'then', purpose: 'deploy v1', silent: 3 })),
  ],
  'deployed-revision': [null, 'ab'.repeat(20)],
  deployment: deployments,
  glob: [false, true],
  group: [{ exists: false }, { exists: true, gid: 4 }],
  hostname: [{ current: 'a' }, { current: 'host.example.org', permanent: 'b' }],
  'directory-listing': paths.map((root) => [root, ...paths, ...paths]),
  'line-match': [false, true],
  mysql: [
    ...['mariadb', 'mysql'].flatMap((server) => {
      const known = { server, version: '1', privileges: ['SELECT', 'INSERT', 'GRANT OPTION', 'USAGE'] }
      const authentication = [{ plugin: 'unix_socket', hash: '' }]
      const tls = { type: 'none', cipher: '', issuer: '', subject: '' }
      const scope = { object: 'table', database: 'b', name: '*' }
      const grants = [{ scope, privileges: ['INSERT'], grantOption: true }]
      return [
        { ...known, hosts: [] },
        {
          ...known,
          hosts: ['localhost', '%'],
          account: { authentication, tls, grants },
          database: { characterSet: 'latin1', collation: 'latin1_swedish_ci' },
        },
      ]
    }),
    { server: 'down', error: 'no answer' },
  ],
  package: [
    { manager: 'apt', installed: false },
    { manager: 'apt', installed: true, version: '1', candidate: '2', interrupted: ['b'] },
  ],
  path: paths,
  port: [false, true],
  sysctl: [
    { live: '0', writable: true },
    { live: '7', writable: false, kept: '8' },
  ],
  timezone: [
    { known: true, zonesInstalled: true },
    { known: true, zonesInstalled: true, current: 'UTC', file: 'UTC' },
  ],
  'directory-empty': [{ holds: false }, { holds: true }],
  'directory-types': trees,
  unit: [
    ...[true, false].map((on) => ({
      ...{ exists: true, id: 'a', active: on ? 'active' : 'inactive', sub: on ? 'running' : 'dead' },
      ...{ enabled: on, masked: !on, needsReload: on, canReload: true, runsOnce: false, related: [] },
    })),
    {
      ...{ exists: false, id: 'a', active: 'inactive', sub: 'dead', masked: false },
      ...{ needsReload: false, canReload: false, runsOnce: false, related: [], near: ['b.service'] },
    },
  ],
  'unit-files': [{ changed: false }, { changed: true }],
  uri: [
    { problem: 'connection refused' },
    { status: 200, url: 'http://127.0.0.1:9/', headers: {}, body: Buffer.from('x') },
  ],
  user: [
    { exists: false },
    {
      ...{ exists: true, uid: 1, gid: 2, group: 'x', groups: ['web'], home: '/home/app', shell: '/bin/sh' },
      ...{ comment: '', locked: true, passwordHash: '!$6$c$d', expires: -1 },
    },
  ],
}
