import { resolve } from 'node:path'
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs'

import { hostwright, tagDeploy, verbatim } from '../../deploy/deploy-command-line.ts'
import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import type { Terminal } from '../terminal.ts'
import { progressOn } from './sandbox.ts'
import { tagsOption } from './watch.ts'

export const hookOptions = {
  repo: {
    type: 'string',
    demandOption: true,
    describe: 'The folder of the git repository that is pushed to',
  },
  tags: tagsOption,
} as const

type HookArguments = InferredOptionTypes<typeof hookOptions>

/** `hostwright hook install` and what the hook runs. */
export function hookCommand(terminal: Terminal, finish: Finish): CommandModule {
  return {
    command: 'hook <action>',
    describe: 'Deploy tags as they are pushed to a repository on this machine',
    builder: (yargs) =>
      yargs
        .command(
          'install',
          'Write the post-receive hook of a repository; options for each deploy follow after --',
          withOptions,
          async (options) => {
            const { installHook } = await import('../../deploy/push/post-receive-hook.ts')
            const path = resolve(terminal.cwd(), options.repo)
            const tags = options.tags.flatMap((pattern) => ['--tags', pattern])
            const command = [...hostwright(), 'hook', 'receive', '--repo', path, ...tags, '--']
            const file = await installHook({
              repository: path,
              folder: terminal.cwd(),
              command: [...command, ...verbatim(options)],
            })
            terminal.stdout.print(`${file} deploys tags like ${options.tags.join(' and ')}`)
          },
        )
        .command('receive', false, withOptions, async (options) => {
          const { createInterface } = await import('node:readline')
          const { receive } = await import('../../deploy/push/post-receive.ts')
          // the pusher may be gone: that is nobody's mistake
          for (const printer of [terminal.stdout, terminal.stderr]) printer.ignoreErrors()
          const lines = createInterface({ input: terminal.stdin })
          finish(
            await receive(lines, {
              patterns: options.tags,
              folder: terminal.cwd(),
              deploy: (tag) => tagDeploy(tag, ['--repo', options.repo, ...verbatim(options)]),
              say: progressOn(terminal),
            }),
          )
        })
        .demandCommand(1, 'name what to do: install')
        .strict(),
    handler: () => undefined,
  }
}

/** Those of the deploys stay as they are. */
function withOptions(yargs: Argv): Argv<HookArguments> {
  return takeOptions(yargs.parserConfiguration({ 'populate--': true }), hookOptions)
}
