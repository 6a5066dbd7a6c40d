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
      describe: 'URL or path of the git repository',
      defaultDescription: 'the environment variable HOSTWRIGHT_REPO',
    },
    tags: tagsOption,
    interval: {
      type: 'number',
      default: 30,
      describe: 'Seconds between polls',
      coerce: (seconds: number) => {
        if (seconds > 0) return seconds
        throw new UsageError('--interval takes a number of seconds greater than 0')
      },
    },
    once: { type: 'boolean', default: false, describe: 'Poll once, for cron' },
    'deploy-newest': {
      type: 'boolean',
      default: false,
      describe: 'At the first poll, deploy the newest existing tag',
    },
    keys: {
      type: 'string',
      describe: 'Deploy only tags signed with a key in this allowed_signers file or GnuPG export',
    },
    'state-file': {
      type: 'string',
      describe: 'File for the tags seen so far; use another one for each environment',
      defaultDescription: '.hostwright/watch-….json',
    },
  },
  hasVerbatim: true,
  run: async (options, terminal) => {
    const { watchFromCommandLine } = await import('../watch-tags.ts')
    return watchFromCommandLine(options, verbatim(options), terminal)
  },
})
