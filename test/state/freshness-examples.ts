import { aptPlan } from '../../src/state/apt-plan.ts'
import { aptSources } from '../../src/state/apt-sources.ts'
import { crontab } from '../../src/state/crontab.ts'
import { debFile } from '../../src/state/deb-file.ts'
import type { AnyKind, Kind } from '../../src/state/definition/key.ts'
import type { Write } from '../../src/state/definition/write.ts'
import { deployLock } from '../../src/state/deploy-lock.ts'
import { deployedRevision } from '../../src/state/deployed-revision.ts'
import { deployment } from '../../src/state/deployment.ts'
import type { Deployment } from '../../src/state/deployment/value.ts'
import { emptiness } from '../../src/state/directory-empty.ts'
import { listing } from '../../src/state/directory-listing.ts'
import { tree } from '../../src/state/directory-types.ts'
import { facts } from '../../src/state/facts.ts'
import { glob } from '../../src/state/glob.ts'
import { group } from '../../src/state/group.ts'
import { hostname } from '../../src/state/hostname.ts'
import { match } from '../../src/state/line-match.ts'
import { mysql } from '../../src/state/mysql.ts'
import { packageLists } from '../../src/state/package-lists.ts'
import { packageKind } from '../../src/state/package.ts'
import { path } from '../../src/state/path.ts'
import type { PathState } from '../../src/state/path/value.ts'
import { pending } from '../../src/state/pending-handlers.ts'
import { port } from '../../src/state/port.ts'
import { sysctl } from '../../src/state/sysctl.ts'
import { timezone } from '../../src/state/timezone.ts'
import { unitFiles } from '../../src/state/unit-files.ts'
import { unit } from '../../src/state/unit.ts'
import { uri } from '../../src/state/uri.ts'
import { user } from '../../src/state/user.ts'

/** Questions of a kind with answers, and values that may be written to their subjects. */
export interface Example {
  readonly kind: AnyKind
  readonly questions: readonly unknown[]
  readonly values: readonly unknown[]
}

function example<Question, Value>(
  kind: Kind<Question, Value>,
  questions: readonly NoInfer<Question>[],
  values: readonly NoInfer<Value>[],
): Example {
  return { kind, questions, values }
}

const owned = { owner: 'root', group: 'adm' }
const file: PathState = { exists: true, type: 'file', mode: '0644', ...owned }
const numbered: PathState = { ...file, owner: '1234', group: 'www-data' }
const directory: PathState = { exists: true, type: 'directory', mode: '0755', ...owned }
const states: readonly PathState[] = [
  { exists: false },
  file,
  numbered,
  { ...file, real: '/var/lib/app/real' },
  directory,
  {
    ...{ exists: true, type: 'link', mode: '0777', target: '/run/app', ...owned },
    followed: { ...file, real: '/run/app' },
  },
]

const paths = [
  ...['/etc/hosts', '/etc/cron.d/app', '/etc/apt/sources.list', '/etc/systemd/system/app.service', '/etc'],
  ...[
    '/etc/mysql/conf.d/x.cnf',
    '/root/.my.cnf',
    '/var/lib/dpkg/status',
    '/var/lib/apt/lists',
    '/var/log/app',
  ],
  ...[
    '/srv/shop',
    '/srv/shop/current',
    '/srv/shop/releases/a/x',
    '/srv/shop/shared/x',
    '/srv/shop/deploy/lock',
  ],
  ...[
    '/home/app/.ssh/keys',
    '/home/app',
    '/run/app',
    '/proc/sys/net/ipv4/ip_forward',
    '/etc/sysctl.d/x.conf',
  ],
  ...['/etc/localtime', '/etc/hostname', '/etc/passwd', '/etc/group', '/usr/local/bin/x', '/'],
]

const noDeployment: Deployment = {
  current: { type: 'absent' },
  ...{ releases: [], unfinished: [], slots: {}, maintenance: false },
}
const unitValue = {
  ...{ exists: true, id: 'app.service', active: 'active', sub: 'running', enabled: true, masked: false },
  ...{ needsReload: false, canReload: true, runsOnce: false, related: ['db.service'] },
}
const request = {
  ...{ method: 'GET', url: 'http://127.0.0.1/', headers: [], followRedirects: true, timeout: 5 },
  ...{ validateCertificates: true, useProxy: true },
}
const server = { server: 'mariadb', version: '1' } as const

/** Every kind, with questions and values that its freshness rules distinguish. */
export const examples: readonly Example[] = [
  example(packageLists, [{}], [{}, { age: 5 }]),
  example(aptPlan, [{ action: 'upgrade' }], [[], ['install a 2']]),
  example(aptSources, [{}], [{}, { '/etc/apt/sources.list': ['deb x'] }]),
  example(
    crontab,
    [{}, { user: 'app' }, { user: 'root' }, { file: '/etc/cron.d/app' }],
    [
      { writable: true, exists: false, content: '' },
      { writable: true, exists: true, content: 'x' },
      { writable: false, exists: false, content: '' },
    ],
  ),
  example(
    debFile,
    [{ path: '/srv/a.deb' }, { path: '/etc/a.deb' }],
    [{ exists: false }, { exists: true, name: 'nginx', version: '2', installedVersion: '1' }],
  ),
  example(deployLock, [{ root: '/srv/shop' }, { root: '/srv/other' }], [null]),
  example(deployedRevision, [{ root: '/srv/shop', reference: 'refs/tags/v1' }], [null, 'ab']),
  example(
    deployment,
    [{ root: '/srv/shop' }, { root: '/srv/other' }],
    [noDeployment, { ...noDeployment, current: { type: 'release', id: 'a' } }],
  ),
  example(emptiness, [{ path: '/etc' }, { path: '/srv/shop/releases' }], [{ holds: false }, { holds: true }]),
  example(
    listing,
    [
      { directory: '/etc', entries: ['', 'hosts', 'cron.d/app'] },
      { directory: '/home/app', entries: ['x'] },
    ],
    [
      [{ exists: false }, file],
      [directory, numbered, file],
    ],
  ),
  example(tree, [{ path: '/etc' }, { path: '/home/app' }], [{ entries: [] }]),
  example(facts, [{}], [{}, { hostname: 'web1' }]),
  example(glob, [{ pattern: '/etc/cron.d/*' }, { pattern: '/srv/shop/releases/*/x' }], [false, true]),
  example(
    group,
    [{ name: 'app' }, { name: 'adm' }, { name: 'www-data' }, { name: '1234' }],
    [{ exists: false }, { exists: true }, { exists: true, gid: 4 }, { exists: true, gid: 1234 }],
  ),
  example(hostname, [{}], [{ current: 'a' }, { current: 'a', permanent: 'b' }]),
  example(match, [{ path: '/var/log/app', pattern: 'x' }], [false, true]),
  example(
    mysql,
    [
      { about: 'database', connection: {}, name: 'shop' },
      { about: 'user', connection: { user: 'admin', configFile: '/etc/app.cnf' }, name: 'shop', host: '%' },
      { about: 'user', connection: {}, name: 'root', host: 'localhost' },
    ],
    [
      { ...server },
      { ...server, database: { characterSet: 'utf8mb4', collation: 'x' } },
      { server: 'down', error: 'x' },
    ],
  ),
  example(
    packageKind,
    [
      { name: 'nginx' },
      { name: 'nginx', version: 'installed' },
      { name: 'nginx', version: 'candidate' },
      { name: 'mariadb-server' },
    ],
    [
      { manager: 'apt', installed: false },
      { manager: 'apt', installed: true },
      { manager: 'apt', installed: true, version: '1' },
      { manager: 'apt', installed: true, version: '1', interrupted: ['x'] },
    ],
  ),
  example(
    path,
    paths.flatMap((one) => [{ path: one }, { path: one, follow: true }, { path: one, times: true }]),
    states,
  ),
  example(pending, [{ play: 'site' }], [[], ['Reload']]),
  example(port, [{ host: 'localhost', port: 80, connectTimeout: 5 }], [false, true]),
  example(
    sysctl,
    [
      { name: 'net.ipv4.ip_forward', file: '/etc/sysctl.d/x.conf' },
      { name: 'net.ipv4.ip_forward', file: '/srv/x.conf' },
      { name: 'vm.swappiness', file: '/etc/sysctl.d/x.conf' },
    ],
    [{ writable: true }, { writable: true, live: '0', kept: '1' }],
  ),
  example(
    timezone,
    [{ zone: 'UTC' }],
    [
      { known: true, zonesInstalled: true, current: 'UTC' },
      { known: false, zonesInstalled: false },
    ],
  ),
  example(unitFiles, [{}], [{ changed: false }, { changed: true }]),
  example(
    unit,
    [{ name: 'app.service' }, { name: 'db.service' }, { name: 'a@b.service' }],
    [
      unitValue,
      { ...unitValue, id: 'db.service', active: 'inactive', related: [] },
      { ...unitValue, exists: false, id: 'nothing.service', related: [] },
    ],
  ),
  example(uri, [request], [{ problem: 'nobody there' }]),
  example(
    user,
    [{ name: 'app' }, { name: 'root' }, { name: '1234' }],
    [
      { exists: false },
      { exists: true },
      { exists: true, uid: 1, gid: 4, group: 'adm', groups: ['www-data'], home: '/home/app' },
      { exists: true, uid: 1234, gid: 1234, group: 'app', groups: [], home: '/srv/app' },
    ],
  ),
]

/** Returns all writes of the examples, and all scopes. */
export function writes(): Write[] {
  const until = 'then'
  return [
    ...(['packages', 'services', 'anything'] as const).map((scope) => ({
      type: 'scope' as const,
      scope,
      until,
    })),
    ...examples.flatMap(({ kind, questions, values }) =>
      questions.flatMap((question) => [
        kind.write(question),
        ...values.map((value) => kind.write(question, value)),
      ]),
    ),
  ]
}
