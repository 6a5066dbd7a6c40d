import { resolve } from 'node:path'

import { hostwright, tagDeploy } from '../../deploy/deploy-command-line.ts'
import { ExitCode } from '../../errors.ts'
import { tagsOption } from '../options/deploy-options.ts'
import { verbatim } from '../options/verbatim.ts'
import { progressOn } from '../terminal.ts'
import { defineAction, defineCommandGroup } from './define-command.ts'

const options = {
  repo: {
    type: 'string',
    demandOption: true,
    describe: 'Path of the git repository that receives the pushes',
  },
  tags: tagsOption,
} as const

/** `hostwright hook install` and what the hook runs. */
export const hookCommand = defineCommandGroup({
  name: 'hook',
  describe: 'Deploy tags when they are pushed to a repository on this machine',
  actions: {
    install: defineAction({
      describe: 'Install a post-receive hook in a repository; options for each deploy follow after --',
      options,
      hasVerbatim: true,
      run: async (options, terminal) => {
        const { installHook } = await import('../../deploy/push/post-receive-hook.ts')
        const path = resolve(terminal.cwd(), options.repo)
        const tags = options.tags.flatMap((pattern) => ['--tags', pattern])
        const command = [...hostwright(), 'hook', 'receive', '--repo', path, ...tags, '--']
        const file = await installHook({
          repository: path,
          folder: terminal.cwd(),
          command: [...command, ...verbatim(options)],
        })
        terminal.stdout.print(`${file}: installed, deploys tags that match ${options.tags.join(' or ')}`)
        return ExitCode.done
      },
    }),
    receive: defineAction({
      describe: false,
      options,
      hasVerbatim: true,
      run: async (options, terminal) => {
        const { createInterface } = await import('node:readline')
        const { receive } = await import('../../deploy/push/post-receive.ts')
        // the user who pushes may have disconnected, and then writing fails
        terminal.ignoreOutputErrors()
        return receive(createInterface({ input: terminal.stdin }), {
          patterns: options.tags,
          folder: terminal.cwd(),
          deploy: (tag) => tagDeploy(tag, ['--repo', options.repo, ...verbatim(options)]),
          say: progressOn(terminal),
        })
      },
    }),
  },
})
