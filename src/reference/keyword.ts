import { becomeMethods } from '../become-methods.ts'
import { loopKeywords, supportedControl } from '../playbook/keywords/loop.ts'
import { metaActions } from '../playbook/params/meta.ts'
import type { JsonSchema } from './json-schema.ts'

/** A keyword of plays, tasks, blocks or roles. */
export interface Keyword {
  readonly sentence: string
  readonly schema: JsonSchema
}

/** Returns a reference to a definition in the schema of playbooks. */
export function reference(definition: string): JsonSchema {
  return { $ref: `#/definitions/${definition}` }
}

/** Returns a schema for one value or a list of such values. */
function oneOrMore(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'array', items: schema }, { type: 'null' }] }
}

const text: JsonSchema = { type: ['string', 'number'] }
const flag: JsonSchema = reference('boolean')
const plainFlag: JsonSchema = reference('plainBoolean')
const quantity: JsonSchema = reference('quantity')
const conditions: JsonSchema = reference('conditions')
const variables: JsonSchema = reference('variables')
const loop: JsonSchema = { anyOf: [{ type: 'array' }, reference('template')] }
const tasks: JsonSchema = reference('tasks')
const mappings = oneOrMore({ anyOf: [{ type: 'object' }, reference('template')] })

const listSentence =
  'List of elements, or an expression for a list: the task runs for each element, which is in `item`.'

/** All keywords, with a sentence about each and the schema of its values. */
export const keywords: Readonly<Record<string, Keyword>> = {
  name: { sentence: 'Name, shown in every report.', schema: text },
  hosts: {
    sentence: 'Host pattern: names and groups, e.g. `web:!staging`, or a list of them.',
    schema: oneOrMore(text),
  },
  tags: {
    sentence: 'Tags for `--tags` and `--skip-tags`; `always` and `never` have a special meaning.',
    schema: oneOrMore(text),
  },
  vars: { sentence: 'Variables.', schema: variables },
  vars_files: {
    sentence: 'Files with variables; of a nested list, the first file that exists.',
    schema: oneOrMore({ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }),
  },
  environment: {
    sentence: 'Environment variables of the tasks, as a mapping or a list of mappings.',
    schema: mappings,
  },
  become: { sentence: 'Runs tasks as `become_user` with sudo.', schema: flag },
  become_user: { sentence: 'User for `become`, root by default.', schema: text },
  become_method: {
    sentence: `Program for \`become\`: ${becomeMethods.map((method) => `\`${method}\``).join(' or ')}.`,
    schema: { enum: becomeMethods },
  },
  ignore_errors: { sentence: 'Continues after a failure.', schema: flag },
  ignore_unreachable: {
    sentence: 'Continues with the next task if the host is unreachable.',
    schema: flag,
  },
  no_log: { sentence: 'Hides parameters and results of the task.', schema: flag },
  check_mode: {
    sentence: '`true` performs a dry run of the task in every run, `false` runs it even in a dry run.',
    schema: flag,
  },
  diff: { sentence: 'Shows changes in full, like `--diff`.', schema: flag },
  run_once: {
    sentence: 'Runs the task on the first host only, and registers the result for all hosts.',
    schema: plainFlag,
  },
  timeout: { sentence: 'Time limit of each step of the task, in seconds.', schema: quantity },
  throttle: {
    sentence: 'Maximum number of hosts that run the task at the same time.',
    schema: reference('wholeNumber'),
  },
  collections: { sentence: 'Accepted for compatibility, without effect.', schema: {} },
  connection: {
    sentence: 'Connection to the hosts, unless their variables set `ansible_connection`.',
    schema: { enum: ['ssh', 'local'] },
  },
  remote_user: {
    sentence: 'User to log in as, unless variables of the host set `ansible_user`.',
    schema: text,
  },
  strategy: {
    sentence:
      '`linear` finishes a task on all hosts before the next one, `free` runs the tasks of each host independently.',
    schema: { enum: ['linear', 'free'] },
  },
  serial: {
    sentence: 'Number or percentage of hosts per batch, or a list with the sizes of successive batches.',
    schema: { anyOf: [reference('batchSize'), { type: 'array', items: reference('batchSize') }] },
  },
  order: {
    sentence: 'Order of the hosts.',
    schema: { enum: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] },
  },
  max_fail_percentage: {
    sentence: 'Ends the play if more than this percentage of the hosts failed.',
    schema: reference('number'),
  },
  any_errors_fatal: {
    sentence: 'Ends the play for all hosts if a task fails on any host.',
    schema: plainFlag,
  },
  force_handlers: { sentence: 'Runs notified handlers even on hosts that failed.', schema: plainFlag },
  gather_facts: {
    sentence: 'Accepted for compatibility: facts are gathered when they are used.',
    schema: plainFlag,
  },
  roles: { sentence: 'Roles, whose tasks run before `tasks`.', schema: reference('roles') },
  pre_tasks: { sentence: 'Tasks to run before the roles.', schema: tasks },
  tasks: { sentence: 'Tasks to run.', schema: tasks },
  post_tasks: { sentence: 'Tasks to run after `tasks` and the handlers that they notified.', schema: tasks },
  handlers: {
    sentence: 'Tasks that run once at the end of a section if a changed task notifies them.',
    schema: reference('handlers'),
  },
  import_playbook: { sentence: 'Playbook whose plays are inserted here.', schema: { type: 'string' } },
  role: { sentence: 'Name of the role.', schema: text },
  block: { sentence: 'Tasks that share the keywords of the block.', schema: tasks },
  rescue: { sentence: 'Tasks to run after a task of the block failed.', schema: tasks },
  always: { sentence: 'Tasks to run after the block, whether it failed or not.', schema: tasks },
  when: {
    sentence: 'JavaScript expression, or a list of expressions, that must be true for the task to run.',
    schema: conditions,
  },
  ...Object.fromEntries(loopKeywords.map((name) => [name, { sentence: listSentence, schema: loop }])),
  loop_control: {
    sentence:
      'Settings of the loop: `loop_var` and `index_var` name variables, `label` is shown for each element.',
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        supportedControl.map((name) => [name, name === 'label' ? {} : reference('variableName')]),
      ),
      additionalProperties: false,
    },
  },
  args: {
    sentence: 'Parameters of the module, in addition to those given with its name.',
    schema: { type: ['object', 'string'] },
  },
  register: { sentence: 'Variable for the result of the task.', schema: reference('variableName') },
  notify: {
    sentence:
      'Handlers, or topics of handlers, to run at the end of the section if the task changed something.',
    schema: oneOrMore(text),
  },
  listen: { sentence: 'Topics that notify this handler.', schema: oneOrMore(text) },
  changed_when: {
    sentence: 'JavaScript expression that decides whether the task changed something.',
    schema: conditions,
  },
  failed_when: {
    sentence: 'JavaScript expression that decides whether the task failed.',
    schema: conditions,
  },
  until: {
    sentence: 'JavaScript expression; the task is repeated until the expression is true.',
    schema: conditions,
  },
  retries: { sentence: 'Number of repetitions for `until`, 3 by default.', schema: quantity },
  delay: { sentence: 'Seconds between two repetitions, 5 by default.', schema: quantity },
}

/** The actions that a task can have instead of a module. */
export const builtInSentences: Readonly<Record<string, string>> = {
  meta: `Acts on the run: ${metaActions.join(', ')}.`,
  import_tasks: 'Inserts the tasks of a file before the run.',
  include_tasks: 'Runs the tasks of a file; its name may be an expression, and a loop may repeat it.',
  import_role: 'Inserts the tasks of a role before the run.',
  include_role: 'Runs the tasks of a role; its name may be an expression, and a loop may repeat it.',
}
