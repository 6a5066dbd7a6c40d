import { expect } from 'chai'

import { playOf, Project } from './project.ts'

const orPlain = 'or begin the text with <%# plain %> if another program reads the braces'

interface Case {
  readonly title: string
  readonly playbook: string
  readonly files?: Readonly<Record<string, string>>
  readonly errors?: readonly string[]
}

const cases: readonly Case[] = [
  {
    title: 'finds an unknown name in parameters, conditions and loops, with the place in the text',
    playbook: playOf(`
- command: "echo <%= domian %>"
  when: domain === 'x' && ohter
  loop: "<%= things %>"
- debug: {var: domian.name}
`),
    errors: [
      "site.yml:5:26 'domian' is not defined (did you mean 'domain'?)",
      "site.yml:6:31 'ohter' is not defined",
      "site.yml:7:18 'things' is not defined",
      "site.yml:8:20 'domian' is not defined (did you mean 'domain'?)",
    ],
  },
  {
    title: 'finds an unknown name in a template and in the vars that it uses',
    playbook: playOf('- template: {src: a.ejs, dest: /x}\n', "  vars: {path: '/srv/<%= nmae %>'}\n"),
    files: { 'templates/a.ejs': 'root <%= path %>\nname <%= domain.x + prot %>\n' },
    errors: ["site.yml:3:26 'nmae' is not defined", "templates/a.ejs:2:21 'prot' is not defined"],
  },
  {
    title: 'finds Jinja, but ignores the braces of other programs that are marked',
    playbook: playOf(`
- command: "echo {{ domain }}"
- command: "<%# plain %>docker ps --format '{{.Names}}'"
- command: "docker ps --format '{{.Names}}'"
- debug: {msg: "<%= domain %> {{ domain | upper }}"}
- debug: {msg: "{% if domain %}<%= domain %>{% endif %}"}
- template: {src: a.j2, dest: /x}
`),
    errors: [
      `site.yml:5:22 {{ domain }} is Jinja, which is not evaluated (write <%= domain %>, ${orPlain})`,
      `site.yml:7:37 {{.Names}} is Jinja, which is not evaluated (write <%= … %>, ${orPlain})`,
      `site.yml:8:35 {{ domain | upper }} is Jinja, which is not evaluated (write <%= … %>, ${orPlain})`,
      `site.yml:9:21 {% if domain %} is Jinja, which is not evaluated (write <%= … %>, ${orPlain})`,
      `templates/a.j2:2:1 {{ domain }} is Jinja, which is not evaluated (write <%= domain %>, ${orPlain})`,
    ],
    files: { 'templates/a.j2': '# generated\n{{ domain }}\n' },
  },
  {
    title: 'finds an unknown name in an environment',
    playbook: playOf('- command: ls\n', '  environment: {A: "<%= nobody %>"}\n'),
    errors: ["site.yml:3:25 'nobody' is not defined"],
  },
  {
    title: 'finds an unknown name in a keyword, and reports it once for all tasks that inherit it',
    playbook: playOf('- command: ls\n- command: ls\n', '  become_user: "<%= nobody %>"\n'),
    errors: ["site.yml:3:21 'nobody' is not defined"],
  },
  {
    title: 'accepts variables of the inventory, and magic names',
    playbook: playOf(
      '- debug: {msg: "<%= domain + inventory_hostname + hostvars.a.b + ansible_check_mode %>"}\n',
    ),
  },
  {
    title: 'accepts vars of play, block, task and file in their scopes',
    playbook: `- hosts: all
  vars: {a: 1}
  vars_files: [b.yml]
  tasks:
    - block:
        - debug: {msg: "<%= a + b + c + d %>"}
          vars: {d: "<%= c %>"}
      vars: {c: 1}
    - debug: {msg: "<%= c + d %>"}
`,
    files: { 'b.yml': 'b: <%= a %>\n' },
    errors: ["site.yml:9:25 'c' is not defined", "site.yml:9:29 'd' is not defined"],
  },
  {
    title: 'accepts results and facts of all tasks of this and earlier plays',
    playbook: `- hosts: all
  tasks:
    - debug: {msg: "<%= later.stdout + fact %>"}
    - command: ls
      register: later
      changed_when: later.code === 1
      failed_when: other
- hosts: all
  tasks:
    - set_fact: {fact: 1}
    - set_fact: other=2
    - debug: {msg: "<%= later + fact + other %>"}
`,
    errors: ["site.yml:3:40 'fact' is not defined", "site.yml:7:20 'other' is not defined"],
  },
  {
    title: 'accepts loop variables only in their loops',
    playbook: playOf(`
- debug: {msg: "<%= item %>"}
  loop: [1]
- debug: {msg: "<%= one + index + item %>"}
  loop: [1]
  loop_control: {loop_var: one, index_var: index, label: "<%= one %>"}
- debug: {msg: "<%= item %>"}
- include_tasks: a.yml
  loop: ["<%= item %>"]
`),
    files: { 'a.yml': '- debug: {msg: "<%= item %>"}\n' },
    errors: [
      "site.yml:7:39 'item' is not defined",
      "site.yml:10:25 'item' is not defined",
      "site.yml:12:19 'item' is not defined",
    ],
  },
  {
    title: "accepts variables of the play's roles everywhere, but those of an included role only in it",
    playbook: `- hosts: all
  roles:
    - role: web
      web_port: 80
  tasks:
    - debug: {msg: "<%= web_name + web_vars %>"}
    - include_role: {name: db}
    - debug: {msg: "<%= db_name + web_port %>"}
`,
    files: {
      'roles/web/defaults/main.yml': 'web_name: <%= web_port %>\n',
      'roles/web/vars/main.yml': 'web_vars: 1\n',
      'roles/web/tasks/main.yml': '- debug: {msg: "<%= web_port + web_name %>"}\n',
      'roles/db/defaults/main.yml': 'db_name: 1\n',
      'roles/db/tasks/main.yml': '- debug: {msg: "<%= db_name %>"}\n',
    },
    errors: [
      "site.yml:8:25 'db_name' is not defined (did you mean 'web_name'?)",
      "site.yml:8:35 'web_port' is not defined",
    ],
  },
  {
    title: 'accepts an unknown name that typeof tests',
    playbook: playOf('- debug: {msg: "<%= typeof nobody === \'undefined\' ? 1 : nobody %>"}\n'),
  },
  {
    title: 'reports no unknown name if an include is unknown before the run',
    playbook: playOf('- include_tasks: "<%= domain %>.yml"\n- debug: {msg: "<%= nobody %>"}\n'),
  },
  {
    title: 'accepts names that a missing role may define, and the result of an invalid task',
    playbook: `- hosts: all
  roles: [missing]
  tasks:
    - comand: ls
      register: result
    - debug: {msg: "<%= nobody + result %>"}
      notify: nobody
`,
    errors: [
      "site.yml:2:11 no such role: 'missing' (searched in roles, playbooks/roles)",
      "site.yml:4:7 'comand' is neither a module nor a keyword of a task (did you mean 'command'?)",
    ],
  },
]

describe('The check of variable names', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  for (const { title, playbook, files = {}, errors = [] } of cases) {
    it(title, () => {
      const project = new Project({ 'site.yml': playbook, ...files })
      expect(project.errors({ variables: ['domain'] })).to.deep.equal(errors)
    })
  }

  it('is skipped if the variables of the inventory are unknown', () => {
    const project = new Project({ 'site.yml': playOf('- debug: {msg: "<%= nobody %>"}\n') })
    expect(project.errors()).to.deep.equal([])
  })
})
