import type { Source } from '../../src/modules/definition/module.ts'

/** The parameters of a task, and the file or directory that it names. */
export interface Sample {
  readonly given: object
  readonly source?: Source
}

const content = Buffer.from("it's\n")
const file: Source = { type: 'file', path: '/src/a.conf', content, mode: '0640' }
const directory: Source = {
  type: 'directory',
  path: '/src/site',
  entries: [
    { path: 'sub', type: 'directory', mode: '0755' },
    { path: "sub/it's", type: 'file', mode: '0644', content },
    { path: 'link', type: 'link', mode: '0777', target: 'sub' },
  ],
}

const dest = "/no/such place/it's"
const owned = { owner: 'root', group: 'adm', mode: '0640' }
const given = (...all: object[]): Sample[] => all.map((one) => ({ given: one }))
const server = { login_user: 'a', login_password: 'b', login_host: '127.0.0.1', login_port: 9 }

const id = '20260101T000000Z-abc1234'
const deploy = { root: "/no/such place/it's", run: 'run' }
const repository = { repository: '/no/such.git', revision: 'ab'.repeat(20), cache: '/no/such place/cache' }

/** Tasks of every module that together use all of its scripts. */
export const samples: Readonly<Record<string, readonly Sample[]>> = {
  apt: given(
    { name: ['bash', 'no-such-package=1.2*'] },
    { name: 'bash', state: 'latest', update_cache: true, policy_rc_d: 101, install_recommends: false },
    { name: ['bash'], state: 'absent', purge: true, autoremove: true },
    { upgrade: 'safe', dpkg_options: [] },
    { upgrade: 'dist', force: true, cache_valid_time: 3600 },
    { deb: `${dest}.deb` },
    { autoremove: true },
    { state: 'fixed' },
  ),
  apt_repository: given(
    { repo: 'deb https://example.org/debian stable main', filename: 'example' },
    { repo: 'deb https://example.org/debian stable main', state: 'absent' },
    { repo: 'Types: deb\nURIs: https://example.org\nSuites: stable\n', filename: 'x', update_cache: false },
  ),
  assert: given({ that: [] }),
  blockinfile: given(
    { path: dest, block: 'a\nb', create: true, ...owned, backup: true },
    { path: dest, state: 'absent', validate: 'grep -q a %s' },
    { path: dest, block: 'c', create: true, validate: 'true' },
  ),
  command: given(
    { argv: ['cat', "it's"], chdir: '/tmp', creates: '/no/*', stdin: 'text' },
    { cmd: 'cat "a b"', removes: dest },
  ),
  copy: [
    { given: { dest, content: 'text', ...owned, backup: true } },
    { given: { dest, content: 'text', mode: 'u=rw,g=r', validate: 'grep -q text %s', force: false } },
    { given: { dest, content: 'text', validate: 'true', follow: true } },
    { given: { dest: `${dest}/`, src: 'a.conf', mode: 'preserve' }, source: file },
    { given: { dest, src: '/etc/hostname', remote_src: true, validate: 'true', backup: true } },
    { given: { dest, src: 'site', ...owned, directory_mode: '0750' }, source: directory },
    { given: { dest, src: 'site/', force: false }, source: directory },
  ],
  cron: given(
    { name: "it's", job: 'date +%s', minute: '*/5', user: 'root' },
    { name: 'a', state: 'absent' },
    { name: 'a', job: 'true', special_time: 'daily', cron_file: 'jobs', user: 'root' },
    { name: 'PATH', env: true, job: '/bin', cron_file: dest },
  ),
  debug: given({ msg: 'text' }),
  deploy_artifact: given(
    repository,
    {
      ...repository,
      build: ["echo it's", 'make'],
      keep: 2,
      composer_scripts: false,
      environment: { A: "it's" },
    },
    { ...repository, composer: false },
  ),
  deploy_candidate: given(
    { ...deploy, id },
    { ...deploy, id, slot: 'green', socket: '/run/php/shop-green.sock' },
  ),
  deploy_lock: given(
    { ...deploy, by: "it's me", purpose: 'deploy v1' },
    { ...deploy, state: 'absent' },
    { ...deploy, state: 'absent', force: true, reason: "it's dead" },
  ),
  deploy_probe: given(
    { url: 'http://127.0.0.1:9', requests: [{ path: '/' }] },
    {
      ...{ url: 'http://127.0.0.1:9', host: 'www.example.org', release: id, times: 1, timeout: 1 },
      requests: [{ path: '/a', status: [200, 404], contains: "it's" }, { path: '/b' }],
      ...{ units: ['nginx'], logs: [dest], logs_user: "it's" },
    },
  ),
  deploy_prune: given({ ...deploy, keep: 1, slots: { blue: 'php@blue' } }),
  deploy_record: given(
    { ...deploy, id, state: 'live', by: "it's me" },
    { ...deploy, id, state: 'failed', reason: "it's broken" },
  ),
  deploy_release: given(
    { ...deploy, id: 'other', src: '/etc/hostname' },
    {
      ...{ ...deploy, id: 'other', src: '/etc/hostname', sha256: 'ab'.repeat(32), shared_owner: 'root:adm' },
      ...{ configuration: { a: 1 }, information: { reference: 'refs/tags/v1' } },
      ...{ shared_directories: ['storage', "public/it's/deep"], shared_files: ['config/a.conf'] },
    },
  ),
  deploy_status: given(
    { ...{ root: deploy.root }, slots: ['blue', 'green'] },
    { ...{ root: deploy.root }, reference: "refs/tags/it's", revision: 'ab'.repeat(20) },
  ),
  deploy_switch: given({ ...deploy, id, slots: ['blue', 'green'] }),
  fail: given({ msg: 'text' }),
  file: given(
    { path: dest, state: 'touch', ...owned },
    { path: dest, state: 'touch', access_time: 'now', modification_time: 'now' },
    { path: dest, state: 'directory', ...owned },
    { path: dest, state: 'directory', recurse: true, owner: 'root', mode: 'u=rwX' },
    { path: dest, state: 'link', src: '../else', force: true, owner: 'root' },
    { path: dest, state: 'hard', src: '/etc/hostname', force: true },
    { path: dest, state: 'absent' },
    { path: dest, ...owned },
    { path: dest, owner: 'root', follow: false },
  ),
  group: given({ name: 'adm' }, { name: 'web', gid: 12, system: true }, { name: 'adm', state: 'absent' }),
  hostname: given({ name: 'host.example.org' }),
  ini_file: given(
    { path: dest, section: 'a', option: 'b', value: "it's" },
    { path: dest, section: 'a', option: 'b', state: 'absent', backup: true },
  ),
  lineinfile: given(
    { path: dest, line: 'a = 1', regexp: '^a', create: true, ...owned },
    { path: dest, state: 'absent', line: 'b', validate: 'true' },
  ),
  mysql_db: given({ name: ["it's", 'b'], encoding: 'utf8mb4', ...server }, { name: 'a', state: 'absent' }),
  mysql_user: given(
    { name: "it's", password: 'secret', priv: 'a.*:SELECT', ...server },
    { name: 'a', password: 'secret', config_file: '/no/such.cnf', tls_requires: { SSL: null } },
    { name: 'a', state: 'absent', login_unix_socket: '/no/such.sock' },
  ),
  package: given({ name: 'bash', state: 'present' }, { name: 'bash', state: 'latest' }),
  replace: given({ path: dest, regexp: '[a-z]+', replace: 'x', ...owned, backup: true }),
  service: given(
    ...['started', 'stopped', 'restarted', 'reloaded'].map((state) => ({ name: 'cron', state })),
    { name: 'no-such-service', enabled: true },
    { name: 'cron', enabled: false },
  ),
  set_fact: given({ a: 1 }),
  shell: given(
    { cmd: 'echo "$HOME" | cat', chdir: '/tmp', stdin: 'text' },
    { cmd: 'true', executable: '/bin/bash', creates: dest },
  ),
  stat: given({ path: dest }, { path: '/etc/hostname', get_checksum: false, follow: true }),
  sysctl: given(
    { name: 'kernel.ostype', value: 'Linux' },
    { name: 'net.ipv4.ip_forward', value: 1, sysctl_file: dest, ignoreerrors: true },
    { name: 'kernel.ostype', state: 'absent' },
  ),
  systemd: given(
    { daemon_reload: true },
    { name: 'a@b.timer', state: 'started', enabled: true, masked: false, daemon_reload: true },
    { name: 'cron', masked: true },
  ),
  template: [
    { given: { src: 'a.conf.ejs', dest, ...owned, validate: 'grep -q a %s' }, source: file },
    { given: { src: 'a.conf.ejs', dest: '/etc/', mode: 'preserve', backup: true }, source: file },
  ],
  timezone: given({ name: 'Europe/Vienna' }),
  uri: given(
    { url: 'http://127.0.0.1:9/', headers: { 'X-A': "it's" } },
    { url: 'http://127.0.0.1:9/', method: 'POST', body: { a: 1 }, body_format: 'json', status_code: [201] },
    { url: 'http://127.0.0.1:9/', unix_socket: dest, follow_redirects: 'none', creates: '/no/such' },
  ),
  user: given(
    {
      ...{ name: 'app', uid: 1700, group: 'adm', groups: ['users', 'web'], append: true, home: '/srv/app' },
      ...{ move_home: true, shell: '/bin/bash', comment: "it's", password: '$6$a$b', expires: 86400 },
    },
    { name: 'app', groups: [], system: true, create_home: false, home: '/srv', password_lock: true },
    { name: 'app', password_lock: false },
    { name: 'app', state: 'absent', remove: true, force: true },
  ),
  wait_for: given(
    { port: 9, timeout: 1 },
    { port: 9, host: 'localhost', state: 'stopped', delay: 1, msg: "it's" },
    { path: dest, search_regex: "it's [0-9]+" },
    { path: dest, state: 'absent' },
    { timeout: 1 },
  ),
}
