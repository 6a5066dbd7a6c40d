import { deployOptions, lockOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright rollback [--to ID]`. */
export const rollbackCommand = defineCommand({
  name: 'rollback',
  describe: 'Switch back to the previous release; the database is not changed',
  options: {
    to: { type: 'string', describe: 'Switch to this release; hostwright releases lists them' },
    force: { type: 'boolean', default: false, describe: 'Switch even to a release that failed' },
    ...lockOptions,
    ...deployOptions,
  },
  run: async (options, terminal) => {
    const { beginDeployRun } = await import('../../deploy/deploy-run.ts')
    const { rollBack } = await import('../../deploy/rollback.ts')
    const { inTerminal } = await import('../run-in-terminal.ts')
    const folder = terminal.cwd()
    const run = await beginDeployRun(terminal.env, folder)
    const purpose = options.to === undefined ? 'rollback' : `rollback to ${options.to}`
    const variables = {
      deploy_to: options.to ?? '',
      deploy_force: options.force,
      deploy_lock_wait: options.lockWait,
    }
    return inTerminal(options, terminal, (surroundings) =>
      rollBack(run, purpose, variables, { ...options, ...surroundings, folder }),
    )
  },
})
