import { deployOptions, lockOptions } from '../options/deploy-options.ts'
import { progressOn } from '../terminal.ts'
import { defineCommand } from './define-command.ts'

const source = 'Commit:'

/** `hostwright deploy --tag v1.2.3`. */
export const deployCommand = defineCommand({
  name: 'deploy',
  describe: 'Deploy a commit of the application without dropping requests',
  options: {
    tag: { type: 'string', group: source, describe: 'Deploy the commit of this tag' },
    branch: { type: 'string', group: source, describe: 'Deploy the newest commit of this branch' },
    revision: { type: 'string', group: source, describe: 'Deploy the commit with this hash' },
    repo: {
      type: 'string',
      group: source,
      describe: 'URL or path of the git repository',
      defaultDescription: 'the variable app_repository',
    },
    expect: {
      type: 'string',
      group: source,
      describe: 'Fail unless the tag or branch points to the commit with this full hash',
    },
    'only-newer': {
      type: 'boolean',
      default: false,
      group: source,
      describe: 'Skip a host if a tag with a later version is live there',
    },
    force: {
      type: 'boolean',
      default: false,
      describe: 'Deploy even if this commit is already live',
    },
    'on-failure': {
      choices: ['revert-host', 'revert-all'],
      default: 'revert-host',
      describe: 'Roll back only the host that failed, or all hosts',
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
