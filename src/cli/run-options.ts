import type { Argv } from 'yargs'

/** What `hostwright run` takes, with the letters that Ansible's users know. */
export interface RunArguments {
  readonly playbook: string
  readonly inventory: readonly string[]
  readonly limit: string | undefined
  readonly extraVars: readonly string[]
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly check: boolean
  readonly diff: boolean
  readonly listHosts: boolean
  readonly listTasks: boolean
  readonly syntaxCheck: boolean
  readonly startAtTask: string | undefined
  readonly forks: number
  readonly user: string | undefined
  readonly privateKey: string | undefined
  readonly connection: 'ssh' | 'local' | undefined
  readonly become: boolean
  readonly askBecomePass: boolean
  readonly acceptNewHostKeys: boolean
  readonly lookahead: boolean
  readonly showCommands: boolean
  readonly forceHandlers: boolean
  readonly detailedExitcode: boolean
  readonly sandbox: boolean
  readonly release: 'bookworm' | 'trixie'
  readonly output: 'text' | 'jsonl'
  readonly verbose: number
}

/** Options that say which hosts and how to reach them; every command that connects has them. */
export function connectionOptions<Arguments>(yargs: Argv<Arguments>): Argv<Arguments & ConnectionArguments> {
  return yargs
    .option('inventory', {
      alias: 'i',
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: './inventory',
      describe: 'A file, a folder, or "host,host,"; several are merged',
    })
    .option('limit', { alias: 'l', type: 'string', describe: 'Only hosts that this pattern matches too' })
    .option('extra-vars', {
      alias: 'e',
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: 'none',
      describe: 'k=v, @file or JSON; they win over all other variables',
    })
    .option('forks', { alias: 'f', type: 'number', default: 50, describe: 'Hosts at a time' })
    .option('user', { alias: 'u', type: 'string', describe: 'Log in as' })
    .option('private-key', { type: 'string', describe: 'The file of the key to log in with' })
    .option('connection', { alias: 'c', choices: ['ssh', 'local'] as const, describe: 'How to reach hosts' })
    .option('become', { alias: 'b', type: 'boolean', default: false, describe: 'Work as root, by sudo' })
    .option('ask-become-pass', {
      alias: 'K',
      type: 'boolean',
      default: false,
      describe: 'Ask for the password of sudo',
    })
    .option('accept-new-host-keys', {
      type: 'boolean',
      default: false,
      describe: 'Write the keys of hosts that are not known yet into known_hosts',
    }) as unknown as Argv<Arguments & ConnectionArguments>
}

export type ConnectionArguments = Pick<
  RunArguments,
  | 'inventory'
  | 'limit'
  | 'extraVars'
  | 'forks'
  | 'user'
  | 'privateKey'
  | 'connection'
  | 'become'
  | 'askBecomePass'
  | 'acceptNewHostKeys'
>

export function runOptions(yargs: Argv): Argv<RunArguments> {
  return connectionOptions(yargs)
    .positional('playbook', { type: 'string', demandOption: true, describe: 'The playbook to run' })
    .option('tags', {
      alias: 't',
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: 'all',
      describe: 'Only tasks with one of these tags',
    })
    .option('skip-tags', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: 'none',
      describe: 'No tasks with one of these tags',
    })
    .option('check', {
      alias: 'C',
      type: 'boolean',
      default: false,
      describe: 'Dry run: say what would change, change nothing',
    })
    .option('diff', { alias: 'D', type: 'boolean', default: false, describe: 'Show changes in full' })
    .option('list-hosts', { type: 'boolean', default: false, describe: 'Print the hosts and stop' })
    .option('list-tasks', { type: 'boolean', default: false, describe: 'Print the tasks and stop' })
    .option('syntax-check', {
      type: 'boolean',
      default: false,
      describe: 'Find what can be found without a host, and stop',
    })
    .option('start-at-task', { type: 'string', describe: 'Begin at the task of this name (or glob)' })
    .option('lookahead', {
      type: 'boolean',
      default: true,
      describe: 'Read ahead for the tasks to come; --no-lookahead goes one task at a time',
    })
    .option('show-commands', {
      type: 'boolean',
      default: false,
      describe: 'Print the scripts of each change',
    })
    .option('force-handlers', {
      type: 'boolean',
      default: false,
      describe: 'Run notified handlers also on hosts that failed',
    })
    .option('detailed-exitcode', {
      type: 'boolean',
      default: false,
      describe: 'With --check, exit code 2 when something would change',
    })
    .option('sandbox', {
      type: 'boolean',
      default: false,
      describe: 'Replace every host by a throw-away machine of the same name',
    })
    .option('release', {
      choices: ['bookworm', 'trixie'] as const,
      default: 'bookworm' as const,
      describe: 'The Debian of the throw-away machines',
    })
    .option('output', {
      alias: 'o',
      choices: ['text', 'jsonl'] as const,
      default: 'text' as const,
      describe: 'jsonl: one JSON object for each event on stdout, everything else on stderr',
    })
    .option('verbose', {
      alias: 'v',
      type: 'count',
      default: 0,
      describe: 'Say more',
    }) as unknown as Argv<RunArguments>
}
