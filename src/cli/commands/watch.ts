import { UsageError } from '../../errors.ts'
import { tagsOption } from '../options/deploy-options.ts'
import { verbatim } from '../options/verbatim.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright watch --repo URL --tags 'v*'`. */
export const watchCommand = defineCommand({
  name: 'watch',
  describe: 'Deploy tags as they appear in a repository; options for each deploy follow after --',
  options: {
    repo: {
      type: 'string',
      describe: 'The git repository, an address or a folder',
      defaultDescription: 'the environment variable HOSTWRIGHT_REPO',
    },
    tags: tagsOption,
    interval: {
      type: 'number',
      default: 30,
      describe: 'Seconds between two looks',
      coerce: (seconds: number) => {
        if (seconds > 0) return seconds
        throw new UsageError('--interval takes a number of seconds')
      },
    },
    once: { type: 'boolean', default: false, describe: 'Look once, for cron' },
    'deploy-newest': {
      type: 'boolean',
      default: false,
      describe: 'At the very first look, deploy the newest of the tags that are there',
    },
    keys: {
      type: 'string',
      describe: 'Only tags signed with one of these keys: an allowed_signers file, or exported GnuPG keys',
    },
    'state-file': {
      type: 'string',
      describe: 'Where it remembers what it has seen; one for each environment',
      defaultDescription: '.hostwright/watch-….json',
    },
  },
  hasVerbatim: true,
  run: async (options, terminal) => {
    const { watchFromCommandLine } = await import('../watch-tags.ts')
    return watchFromCommandLine(options, verbatim(options), terminal)
  },
})
