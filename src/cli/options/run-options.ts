import type { Options } from 'yargs'

import { UsageError } from '../../errors.ts'
import { type FormatName, formatNames, formats } from '../../report/index.ts'
import type { OptionValues } from './option-values.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const several = { type: 'string', array: true, nargs: 1, default: [] as string[] } as const

const hosts = 'Hosts:'
const reach = 'Connection:'
const selection = 'Tasks:'
const insight = 'Preview:'
const rehearsal = 'Throw-away machines:'

/** The options of every command that connects to hosts. */
export const connectionOptions = {
  inventory: {
    ...several,
    alias: 'i',
    group: hosts,
    defaultDescription: './inventory',
    describe: 'A file, a folder, or "host,host,"; several are merged',
  },
  limit: { ...text, alias: 'l', group: hosts, describe: 'Only hosts that also match this pattern' },
  'extra-vars': {
    ...several,
    alias: 'e',
    defaultDescription: 'none',
    describe: 'name=value, @file or JSON; overrides all other variables',
  },
  forks: {
    type: 'number',
    alias: 'f',
    group: hosts,
    default: 50,
    describe: 'Maximum number of hosts at a time',
    coerce: (forks: number) => {
      if (Number.isInteger(forks) && forks > 0) return forks
      throw new UsageError('--forks takes an integer greater than 0')
    },
  },
  user: { ...text, alias: 'u', group: reach, describe: 'Log in as this user' },
  'private-key': { ...text, group: reach, describe: 'File of the private key' },
  connection: {
    alias: 'c',
    group: reach,
    choices: ['ssh', 'local'],
    describe: 'Connection for hosts whose inventory does not set ansible_connection',
  },
  become: { ...flag, alias: 'b', group: reach, describe: 'Run tasks as root with sudo' },
  'ask-become-pass': { ...flag, alias: 'K', group: reach, describe: 'Prompt for the sudo password' },
  'accept-new-host-keys': {
    ...flag,
    group: reach,
    describe: 'Add the keys of unknown hosts to known_hosts',
  },
} as const satisfies Record<string, Options>

export type ConnectionArguments = OptionValues<typeof connectionOptions>

/** The options of `hostwright run`, with the same letters as those of ansible-playbook. */
export const runOptions = {
  ...connectionOptions,
  tags: {
    ...several,
    alias: 't',
    group: selection,
    defaultDescription: 'all',
    describe: 'Only tasks with one of these tags',
  },
  'skip-tags': {
    ...several,
    group: selection,
    defaultDescription: 'none',
    describe: 'Skip tasks with one of these tags',
  },
  'start-at-task': { ...text, group: selection, describe: 'Start at the task with this name (or glob)' },
  check: {
    ...flag,
    alias: 'C',
    group: insight,
    describe: 'Dry run: show what would change, change nothing',
  },
  diff: { ...flag, alias: 'D', group: insight, describe: 'Show changes in full' },
  'show-commands': { ...flag, group: insight, describe: 'Print the scripts of each change' },
  'list-hosts': { ...flag, group: insight, describe: 'Print the hosts and exit' },
  'list-tasks': { ...flag, group: insight, describe: 'Print the tasks and exit' },
  'syntax-check': { ...flag, group: insight, describe: 'Check the playbook without connecting, and exit' },
  sandbox: {
    ...flag,
    group: rehearsal,
    describe: 'Replace every host with a throw-away machine of the same name',
  },
  debian: {
    choices: ['bookworm', 'trixie'],
    group: rehearsal,
    default: 'bookworm',
    describe: 'Debian release of the throw-away machines',
  },
  network: {
    choices: ['isolated', 'open'],
    group: rehearsal,
    default: 'isolated',
    describe: 'Network of throw-away machines; open: with access to your computer and its networks',
  },
  lookahead: { type: 'boolean', default: true },
  'no-lookahead': { type: 'boolean', describe: 'Do not read ahead for later tasks' },
  'force-handlers': { ...flag, describe: 'Run notified handlers even on hosts that failed' },
  'detailed-exitcode': { ...flag, describe: 'With --check, exit with 2 if something would change' },
  output: {
    alias: 'o',
    choices: formatNames,
    default: 'text' as FormatName,
    describe: formatNames.flatMap(descriptionOf).join('; '),
  },
  verbose: {
    alias: 'v',
    type: 'count',
    describe: 'Also print the file and line of each task, and why a task was skipped',
  },
} as const satisfies Record<string, Options>

export type RunArguments = OptionValues<typeof runOptions> & { readonly playbook: string }

function descriptionOf(format: FormatName): string[] {
  const { describe } = formats[format]
  return describe === undefined ? [] : [`${format}: ${describe}`]
}
