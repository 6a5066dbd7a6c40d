import { deployOptions, lockOptions } from '../options/deploy-options.ts'
import { progressOn } from '../terminal.ts'
import { defineCommand } from './define-command.ts'

const what = 'What to deploy:'

/** `hostwright deploy --tag v1.2.3`. */
export const deployCommand = defineCommand({
  name: 'deploy',
  describe: 'Show visitors another commit of the application, without losing a request',
  options: {
    tag: { type: 'string', group: what, describe: 'The commit of this tag' },
    branch: { type: 'string', group: what, describe: 'The newest commit of this branch' },
    revision: { type: 'string', group: what, describe: 'The commit of this hash' },
    repo: {
      type: 'string',
      group: what,
      describe: 'The git repository of the code base, an address or a folder',
      defaultDescription: 'the variable app_repository',
    },
    expect: {
      type: 'string',
      group: what,
      describe: 'Refuse when the reference is not this commit',
    },
    'only-newer': {
      type: 'boolean',
      default: false,
      group: what,
      describe: 'Leave a host alone where a tag of a later version is live',
    },
    force: {
      type: 'boolean',
      default: false,
      describe: 'Deploy also what is live already',
    },
    'on-failure': {
      choices: ['revert-host', 'revert-all'],
      default: 'revert-host',
      describe: 'What goes back to the release before: the host that failed, or all of them',
    },
    ...lockOptions,
    ...deployOptions,
  },
  run: async (options, terminal) => {
    const { deployRelease, findRelease } = await import('../../deploy/release.ts')
    const { inTerminal } = await import('../run-in-terminal.ts')
    const [folder, onProgress] = [terminal.cwd(), progressOn(terminal)]
    const { secrets, env: environment } = terminal
    const release = await findRelease({ ...options, folder, environment, secrets, onProgress })
    return inTerminal(options, terminal, (surroundings) =>
      deployRelease(release, { ...options, ...surroundings, folder }),
    )
  },
})
