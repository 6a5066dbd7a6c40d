import type { Options } from 'yargs'

import { UsageError } from '../../errors.ts'
import { type FormatName, formatNames, formats } from '../../report/index.ts'
import type { OptionValues } from './option-values.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const several = { type: 'string', array: true, nargs: 1, default: [] as string[] } as const

const hosts = 'Which hosts:'
const reach = 'How to reach them:'
const selection = 'Which tasks:'
const insight = 'Look before you leap:'
const rehearsal = 'Rehearsal:'

/** Options that say which hosts and how to reach them; every command that connects has them. */
export const connectionOptions = {
  inventory: {
    ...several,
    alias: 'i',
    group: hosts,
    defaultDescription: './inventory',
    describe: 'A file, a folder, or "host,host,"; several are merged',
  },
  limit: { ...text, alias: 'l', group: hosts, describe: 'Only hosts that this pattern matches too' },
  'extra-vars': {
    ...several,
    alias: 'e',
    defaultDescription: 'none',
    describe: 'name=value, @file or JSON; they win over all other variables',
  },
  forks: {
    type: 'number',
    alias: 'f',
    group: hosts,
    default: 50,
    describe: 'Hosts at a time',
    coerce: (forks: number) => {
      if (Number.isInteger(forks) && forks > 0) return forks
      throw new UsageError('--forks takes a number from 1 on')
    },
  },
  user: { ...text, alias: 'u', group: reach, describe: 'Log in as' },
  'private-key': { ...text, group: reach, describe: 'The file of the key to log in with' },
  connection: {
    alias: 'c',
    group: reach,
    choices: ['ssh', 'local'],
    describe: 'Connection for hosts whose inventory does not set ansible_connection',
  },
  become: { ...flag, alias: 'b', group: reach, describe: 'Work as root, by sudo' },
  'ask-become-pass': { ...flag, alias: 'K', group: reach, describe: 'Ask for the password of sudo' },
  'accept-new-host-keys': {
    ...flag,
    group: reach,
    describe: 'Write the keys of hosts that are not known yet into known_hosts',
  },
} as const satisfies Record<string, Options>

export type ConnectionArguments = OptionValues<typeof connectionOptions>

/** What `hostwright run` takes, with the letters that Ansible's users know. */
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
    describe: 'No tasks with one of these tags',
  },
  'start-at-task': { ...text, group: selection, describe: 'Begin at the task of this name (or glob)' },
  check: {
    ...flag,
    alias: 'C',
    group: insight,
    describe: 'Dry run: say what would change, change nothing',
  },
  diff: { ...flag, alias: 'D', group: insight, describe: 'Show changes in full' },
  'show-commands': { ...flag, group: insight, describe: 'Print the scripts of each change' },
  'list-hosts': { ...flag, group: insight, describe: 'Print the hosts and stop' },
  'list-tasks': { ...flag, group: insight, describe: 'Print the tasks and stop' },
  'syntax-check': { ...flag, group: insight, describe: 'Find what can be found without a host, and stop' },
  sandbox: {
    ...flag,
    group: rehearsal,
    describe: 'Replace every host by a throw-away machine of the same name',
  },
  debian: {
    choices: ['bookworm', 'trixie'],
    group: rehearsal,
    default: 'bookworm',
    describe: 'The Debian of the throw-away machines',
  },
  network: {
    choices: ['isolated', 'open'],
    group: rehearsal,
    default: 'isolated',
    describe: 'What throw-away machines can connect to; open: also your computer and its networks',
  },
  lookahead: { type: 'boolean', default: true },
  'no-lookahead': { type: 'boolean', describe: 'Go one task at a time, read nothing ahead' },
  'force-handlers': { ...flag, describe: 'Run notified handlers also on hosts that failed' },
  'detailed-exitcode': { ...flag, describe: 'With --check, exit code 2 when something would change' },
  output: {
    alias: 'o',
    choices: formatNames,
    default: 'text' as FormatName,
    describe: formatNames.flatMap(descriptionOf).join('; '),
  },
  verbose: {
    alias: 'v',
    type: 'count',
    describe: 'Say also where each task stands, and why one was skipped',
  },
} as const satisfies Record<string, Options>

export type RunArguments = OptionValues<typeof runOptions> & { readonly playbook: string }

function descriptionOf(format: FormatName): string[] {
  const { describe } = formats[format]
  return describe === undefined ? [] : [`${format}: ${describe}`]
}
