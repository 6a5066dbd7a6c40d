/** Ansible's keywords: supported, ignored, and not supported yet. */
export interface KeywordTable {
  readonly known: ReadonlySet<string>
  readonly notYet: ReadonlySet<string>
}

const common = [
  'name',
  'tags',
  'vars',
  'environment',
  'become',
  'become_user',
  'become_method',
  'ignore_errors',
  'ignore_unreachable',
  'no_log',
  'check_mode',
  'diff',
  'run_once',
  'timeout',
  'throttle',
  'collections',
]
const commonNotYet = [
  'any_errors_fatal',
  'become_exe',
  'become_flags',
  'connection',
  'debugger',
  'module_defaults',
  'port',
  'remote_user',
]
const delegation = ['delegate_to', 'delegate_facts']
const repetition = ['loop', 'loop_control']

export const playKeywords = table(
  [
    ...common,
    'hosts',
    'connection',
    'remote_user',
    'roles',
    'pre_tasks',
    'tasks',
    'post_tasks',
    'handlers',
    'vars_files',
    'strategy',
    'serial',
    'order',
    'max_fail_percentage',
    'any_errors_fatal',
    'force_handlers',
    'gather_facts',
  ],
  [...commonNotYet, 'vars_prompt', 'gather_subset', 'gather_timeout', 'fact_path', 'user'],
)

export const playbookImportKeywords = table(['name', 'import_playbook', 'tags', 'when', 'vars'], [])

export const roleKeywords = table(['role', 'when', ...common], [...commonNotYet, ...delegation])

export const blockKeywords = table(
  ['block', 'rescue', 'always', 'when', 'notify', ...common],
  [...commonNotYet, ...delegation],
)

export const taskKeywords = table(
  [
    ...common,
    ...repetition,
    'when',
    'args',
    'register',
    'notify',
    'changed_when',
    'failed_when',
    'until',
    'retries',
    'delay',
  ],
  [...commonNotYet, ...delegation, 'action', 'local_action', 'async', 'poll'],
)

export const handlerKeywords = table([...taskKeywords.known, 'listen'], [...taskKeywords.notYet])

/** The keywords of import_tasks and import_role, which the imported tasks inherit. */
export const importKeywords = table(['when', 'args', ...common], [...commonNotYet, ...delegation])

/** The keywords of include_tasks and include_role. */
export const includeKeywords = table([...importKeywords.known, ...repetition], [...importKeywords.notYet])

export function allowing(keywords: KeywordTable, others: readonly string[]): KeywordTable {
  return { ...keywords, known: new Set([...keywords.known, ...others]) }
}

function table(known: readonly string[], notYet: readonly string[]): KeywordTable {
  const works = new Set(known)
  return { known: works, notYet: new Set(notYet.filter((keyword) => !works.has(keyword))) }
}
