import { expect } from 'chai'

import { playOf, Project } from '../project.ts'

interface Case {
  readonly title: string
  /** The content of site.yml; without `hosts`, the tasks of a play. */
  readonly playbook: string
  readonly files?: Readonly<Record<string, string>>
  readonly errors: readonly string[]
}

const cases: readonly Case[] = [
  {
    title: 'an unknown keyword of a play',
    playbook: '- hosts: all\n  taskz: []\n',
    errors: ["site.yml:2:3 'taskz' is not a keyword of a play (did you mean 'tasks'?)"],
  },
  {
    title: 'a play without hosts',
    playbook: '- name: nobody\n  hosst: all\n',
    errors: [
      "site.yml:1:3 the play has no 'hosts'",
      "site.yml:2:3 'hosst' is not a keyword of a play (did you mean 'hosts'?)",
    ],
  },
  {
    title: 'keywords that are not supported yet',
    playbook: `- hosts: all
  strategy: host_pinned
  vars_prompt: []
  tasks:
    - command: ls
      delegate_to: localhost
      async: 10
    - local_action: command ls
`,
    errors: [
      'site.yml:2:13 strategy: host_pinned is not supported yet',
      "site.yml:3:3 'vars_prompt' is not supported yet",
      "site.yml:6:7 'delegate_to' is not supported yet",
      "site.yml:7:7 'async' is not supported yet",
      "site.yml:8:7 'local_action' is not supported yet",
    ],
  },
  {
    title: 'an unknown strategy',
    playbook: '- hosts: all\n  strategy: linaer\n',
    errors: ["site.yml:2:13 strategy must be linear or free, not 'linaer' (did you mean 'linear'?)"],
  },
  {
    title: 'an unknown module',
    playbook: '- coppy: {dest: /x}\n- community.general.tmezone: {name: x}\n',
    errors: [
      "site.yml:4:7 'coppy' is neither a module nor a keyword of a task (did you mean 'copy'?)",
      "site.yml:5:7 'community.general.tmezone' is neither a module nor a keyword of a task",
    ],
  },
  {
    title: 'an unknown keyword of a task',
    playbook: '- command: ls\n  wen: true\n',
    errors: ["site.yml:5:7 'wen' is not a keyword of a task (did you mean 'when'?)"],
  },
  {
    title: 'two modules in one task',
    playbook: '- copy: {dest: /x}\n  template: {src: x, dest: /y}\n',
    errors: ["site.yml:5:7 a task can have only one module, not 'copy' and 'template'"],
  },
  {
    title: 'a task without a module',
    playbook: '- name: nothing\n',
    errors: ['site.yml:4:7 the task has no module'],
  },
  {
    title: 'an item that is not a task',
    playbook: '- ls\n- [a]\n',
    errors: ["site.yml:4:7 expected a task, not 'ls'", 'site.yml:5:7 expected a task, not a list'],
  },
  {
    title: 'unknown, missing and invalid parameters at once',
    playbook: `- copy:
    dets: /x
    content: [a]
    mode: 999
- service:
    name: nginx
    state: startd
- apt: {name: {a: b}, retries: many}
- copy:
`,
    errors: [
      "site.yml:4:7 copy needs 'dest'",
      "site.yml:5:9 copy has no parameter 'dets' (did you mean 'dest'?)",
      'site.yml:6:18 content: expected a string, not a list',
      "site.yml:7:15 mode: invalid mode '999': write four octal digits in quotes, e.g. '0644', or symbols, e.g. u=rw,g=r,o=",
      "site.yml:10:16 state: expected started, stopped, restarted or reloaded, not 'startd'; did you mean 'started'?",
      'site.yml:11:19 name: expected a string or a list, not a mapping',
      "site.yml:11:36 retries: expected a number, not 'many'",
      "site.yml:12:7 copy needs 'dest'",
    ],
  },
  {
    title: 'an invalid combination of parameters',
    playbook: '- service: {name: nginx}\n',
    errors: ['site.yml:4:7 service: expected state or enabled'],
  },
  {
    title: 'a string for a module that takes parameters',
    playbook: '- copy: /etc/x\n',
    errors: [
      "site.yml:4:13 copy takes parameters, not '/etc/x' (write each parameter on its own line below it)",
    ],
  },
  {
    title: 'a missing handler',
    playbook: `- hosts: all
  tasks:
    - command: ls
      notify:
        - reload web
        - <%= other %>
    - block:
        - command: ls
      notify: reload wbe
  handlers:
    - name: reload web
      command: reload
`,
    errors: ["site.yml:9:15 no such handler: 'reload wbe' (did you mean 'reload web'?)"],
  },
  {
    title: 'a missing template and file',
    playbook: `- template: {src: nginx.conf.ejs, dest: /x}
- copy: {src: <%= name %>, dest: /x}
- copy: {src: /on/the/host, dest: /x, remote_src: yes}
`,
    errors: ['site.yml:4:23 no such template: nginx.conf.ejs (searched in .)'],
  },
  {
    title: 'errors in expressions',
    playbook: `- debug: {msg: "a <%= 1 + %> b"}
- command: ls
  when: a and b
- assert:
    that:
      - 1 === 1
      - 2 = 2
- command: ls
  changed_when: "'"
`,
    errors: [
      'site.yml:4:31 unexpected token',
      "site.yml:6:15 unexpected 'and' (write '&&' for 'and')",
      'site.yml:10:13 assigning to rvalue',
      'site.yml:12:22 unterminated string constant',
    ],
  },
  {
    title: 'an error in a template',
    playbook: '- template: {src: x.ejs, dest: /x}\n',
    files: { 'templates/x.ejs': 'first\n  <%= a + %>\n' },
    errors: ['templates/x.ejs:2:11 unexpected token'],
  },
  {
    title: 'a duplicate key and invalid YAML',
    playbook: '- hosts: all\n  hosts: web\n',
    errors: ["site.yml:2:3 duplicate key 'hosts' (first used at site.yml:1:3)"],
  },
  {
    title: 'a missing role',
    playbook: '- hosts: all\n  roles:\n    - ngnix\n    - {vars: {}}\n',
    files: { 'roles/nginx/tasks/main.yml': '[]' },
    errors: [
      "site.yml:3:7 no such role: 'ngnix' (did you mean 'nginx'?)",
      "site.yml:4:7 the role has no name: add 'role: name'",
    ],
  },
  {
    title: 'invalid types of keywords',
    playbook: `- command: ls
  tags: {a: b}
  become: maybe
  retries: -1
  register: my result
  when: {a: b}
  notify: []
  environment: PATH=/bin
  loop: items
  vars: [a]
`,
    errors: [
      'site.yml:5:13 tags must be a string, not a mapping',
      "site.yml:6:15 become must be true or false, not 'maybe'",
      'site.yml:7:16 retries must be a number, not -1',
      "site.yml:8:17 register must be the name of a variable, not 'my result'",
      'site.yml:9:13 when must be a string, not a mapping',
      'site.yml:11:20 environment must be a mapping of names to values',
      'site.yml:12:13 loop must be a list or an expression that returns one (write "<%= items %>")',
      'site.yml:13:13 task vars must be a mapping of names to values, not a list',
    ],
  },
  {
    title: 'unsupported loops',
    playbook: `- command: ls
  with_dict: {a: b}
- command: ls
  loop: [1]
  with_items: [2]
- command: ls
  loop: [1]
  loop_control: {loop_vra: x, pause: 3}
- import_tasks: x.yml
  loop: [1]
`,
    errors: [
      `site.yml:5:7 'with_dict' is not supported (write loop: "<%= Object.entries(mapping) %>" and use item[0] and item[1])`,
      'site.yml:8:7 a task can have only one loop: remove loop or the other one',
      "site.yml:11:22 loop_control has no 'loop_vra' (did you mean 'loop_var'?)",
      "site.yml:11:35 'pause' of loop_control is not supported yet",
      'site.yml:12:21 no such file: x.yml (searched for x.yml)',
      'site.yml:13:7 import_tasks cannot have a loop (use include_tasks)',
    ],
  },
  {
    title: 'an invalid meta task',
    playbook: '- meta: flush\n- meta: end_batch\n',
    errors: [
      "site.yml:4:13 meta takes flush_handlers, noop, clear_facts, clear_host_errors, end_host, end_play or reset_connection, not 'flush'",
      'site.yml:5:13 meta: end_batch is not supported yet',
    ],
  },
  {
    title: 'Jinja without quotes',
    playbook: '- debug:\n    msg: {{ domain }}\n',
    errors: [
      'site.yml:5:15 a mapping cannot be a key (quote a value that begins with {; write expressions as <%= … %>)',
    ],
  },
  {
    title: 'a cycle of imports',
    playbook: '- import_tasks: a.yml\n',
    files: { 'a.yml': '- import_tasks: b.yml\n', 'b.yml': '- import_tasks: a.yml\n' },
    errors: ['b.yml:1:17 a.yml imports itself'],
  },
  {
    title: 'errors in files that are included later',
    playbook: '- include_tasks: a.yml\n- include_tasks: missing.yml\n- include_role: {name: web}\n',
    files: { 'a.yml': '- comand: ls\n', 'roles/web/tasks/main.yml': '- copy: {}\n' },
    errors: [
      "a.yml:1:3 'comand' is neither a module nor a keyword of a task (did you mean 'command'?)",
      "roles/web/tasks/main.yml:1:3 copy needs 'dest'",
      'site.yml:5:22 no such file: missing.yml (searched for missing.yml)',
    ],
  },
  {
    title: 'invalid vars',
    playbook: '- hosts: all\n  vars: {my-name: 1}\n  vars_files: [a.yml, [b.yml, c.yml]]\n',
    errors: [
      "site.yml:2:10 invalid variable name 'my-name': use letters, digits and _, and do not begin with a digit",
      'site.yml:3:16 no such file: a.yml (searched for a.yml, vars/a.yml)',
      'site.yml:3:23 no such file: b.yml or c.yml (searched for b.yml, vars/b.yml, c.yml, vars/c.yml)',
    ],
  },
]

describe('The check before the first connection', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  for (const { title, playbook, files = {}, errors } of cases) {
    it(`finds ${title}`, () => {
      const isPlaybook = playbook.includes('hosts: all') || playbook.includes('hosst')
      const project = new Project({ 'site.yml': isPlaybook ? playbook : playOf(playbook), ...files })
      const found = project.errors().map((line) => line.replaceAll(project.folder, '.'))
      expect(found).to.deep.equal(errors)
    })
  }

  it('does not check values with expressions', () => {
    const project = new Project({
      'site.yml': playOf(`
- copy: {dest: "<%= a %>", mode: "<%= mode %>", content: "<%= list %>"}
- apt: {name: "<%= packages %>", retries: "<%= n %>"}
- service: {name: a, state: "<%= state %>"}
`),
    })
    expect(project.errors()).to.deep.equal([])
  })
})
