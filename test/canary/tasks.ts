import { canaries } from './values.ts'

export const names = Object.keys(canaries)

/** The values for tasks of which each costs a round trip. */
const few = ['plain', 'single_quote', 'substitution', 'unicode', 'url', 'json']

const value = '<%= by_name[item] %>'
const everything = `<%= Object.values(by_name).join('\\n') %>`

/** The values as separate variables, in a mapping, and deep in a list. */
export const variables = [
  ...Object.entries(canaries).map(([name, text]) => `v_${name}: !secret ${JSON.stringify(text)}`),
  `by_name: {${names.map((name) => `${name}: "<%= v_${name} %>"`).join(', ')}}`,
  `deep: {list: [{value: !secret ${JSON.stringify(canaries['plain'])}}, "<%= v_key %>"]}`,
].join('\n')

export const template =
  '<% for (const one of Object.values(by_name)) { %>password = <%= one %>\nport = 1\n<% } %>'

export function play(tasks: readonly object[]): string {
  const settings = { hosts: 'localhost', gather_facts: false, vars_files: ['secrets.yml'] }
  return JSON.stringify([{ ...settings, tasks }], null, 1)
}

function forEach(items: readonly string[], name: string, task: object): object {
  return { name, ...task, loop: items, ignore_errors: true }
}

const several = [...few, 'newline', 'key', 'spaces', 'base64_characters', 'nearly_5_kilobytes']

/** The tasks of playbooks that replace those of deploys: they print the values, and fail with them. */
export const failingTasks = [
  forEach(names, 'Say it', { debug: { msg: value } }),
  forEach(few, 'Fail', { shell: 'printf %s "$VALUE"; exit 1', environment: { VALUE: value } }),
  { name: 'Say all and fail', fail: { msg: '<%= JSON.stringify(by_name) %>' } },
]

const encodings = [
  'printf "%s\\n" "$VALUE"',
  'printf %s "$VALUE" | base64',
  'printf %s "user:$VALUE" | base64 -w0; echo',
  'printf %s "$VALUE" | od -An -v -tx1 | tr -d " \\n"; echo',
  'printf "%s\\n" "$VALUE" >&2',
].join('\n')

/** Returns tasks that print the values, write them to files below a folder, and fail with them in every way. */
export function tasksOn(folder: string, url: string): object[] {
  return [
    forEach(names, 'Say it', { debug: { msg: `it is ${value}` } }),
    { name: 'Say all', debug: { msg: '<%= ({ by_name, deep }) %>' } },
    { name: 'Say all as JSON', debug: { msg: '<%= JSON.stringify(JSON.stringify({ by_name, deep })) %>' } },
    { name: 'Keep all', set_fact: { kept: '<%= by_name %>' } },
    { name: 'Say what was kept', debug: { var: 'kept' } },
    { name: 'Copy', copy: { content: `before\n${everything}\nthe end\n`, dest: `${folder}/copied` } },
    { name: 'Render', template: { src: 'canary.ejs', dest: `${folder}/rendered` } },
    { name: 'Have a block', blockinfile: { path: `${folder}/block`, create: true, block: everything } },
    { name: 'Have one more', blockinfile: { path: `${folder}/block`, marker: '# {mark} b', block: 'b' } },
    { name: 'Replace', replace: { path: `${folder}/copied`, regexp: 'the end', replace: everything } },
    forEach(few, 'Have a line', {
      lineinfile: { path: `${folder}/lines`, create: true, line: `v = ${value}` },
    }),
    forEach(few, 'Have an option', {
      ini_file: { path: `${folder}/ini`, section: 'a', option: '<%= item %>', value },
    }),
    forEach(few, 'Run a command', { command: { argv: ['printf', '%s', value] }, register: 'printed' }),
    { name: 'Say what it printed', debug: { var: 'printed' } },
    forEach(several, 'Fail with output', { shell: `${encodings}\nexit 3`, environment: { VALUE: value } }),
    forEach(few, 'Fail in a folder', { command: { cmd: 'true', chdir: `/nowhere/${value}` } }),
    forEach(names, 'Fail in words', { fail: { msg: `no: ${value}` } }),
    forEach(names, 'Assert', { assert: { that: 'by_name[item] === 1', fail_msg: value } }),
    forEach(few, 'Name no user', { file: { path: `/nowhere/${value}`, state: 'touch', owner: value } }),
    forEach(few, 'Ask', {
      uri: {
        url: `${url}/?<%= encodeURIComponent(by_name[item]) %>`,
        body: value,
        method: 'POST',
        timeout: 5,
      },
    }),
    forEach(few, 'Look', { stat: { path: `/nowhere/${value}` } }),
    ...['plain', 'url', 'percent'].map((name) => ({
      name: 'Wait',
      wait_for: { path: `${folder}/rendered`, search_regex: `never <%= v_${name} %>`, timeout: 1 },
      ignore_errors: true,
    })),
  ]
}

/** Returns tasks that change lines next to the values, and remove the values. */
export function changesAround(folder: string): object[] {
  return [
    { replace: { path: `${folder}/rendered`, regexp: 'port = 1', replace: 'port = 2' } },
    { copy: { content: 'port = 3\n', dest: `${folder}/rendered` } },
    { file: { path: `${folder}/rendered`, state: 'absent' } },
  ]
}

/** Returns tasks with every kind of mistake that is reported before the first connection. */
export function mistakes(): object[] {
  return names.flatMap((name) => {
    const it = `<%= v_${name} %>`
    return [
      { file: { path: it, state: 'touch' } },
      { file: { path: '/x', state: it } },
      { file: { path: '/x', mode: it } },
      { file: { path: '/x', [`word_${name}`]: it } },
      { wait_for: { port: it } },
      { wait_for: { path: '/x', timeout: it } },
      { command: { cmd: 'true', chdir: it } },
      { command: { cmd: 'true', creates: it } },
      { apt_repository: { repo: it } },
      { apt: { name: 'x', state: it } },
      { service: { name: 'x', state: it } },
      { mysql_user: { name: 'x', priv: it } },
      { cron: { name: 'x', cron_file: it, job: 'x', minute: it } },
      { uri: { url: it } },
      { sysctl: { name: it, value: '1' } },
      { timezone: { name: it } },
      { user: { name: it } },
      { replace: { path: '/x', regexp: `(${it}` } },
      { template: { src: it, dest: '/x' } },
      { debug: { msg: 'x' }, loop: it },
      { debug: { msg: 'x' }, when: `v_${name}` },
      { debug: { msg: `<%= v_${name}.nothing.there %>` } },
      { debug: { msg: `<%= ({ [v_${name}]: 1 }).other %>` } },
      { debug: { msg: `<%= (() => { throw new Error(v_${name}) })() %>` } },
      { debug: { msg: 'x' }, retries: it, until: 'true' },
      { debug: { msg: 'x' }, become: it },
    ]
  })
}
