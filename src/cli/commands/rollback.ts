import { deployOptions, lockOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright rollback [--to ID]`. */
export const rollbackCommand = defineCommand({
  name: 'rollback',
  describe: 'Show visitors the release before again; the database stays as it is',
  options: {
    to: { type: 'string', describe: 'This release, as hostwright releases lists it' },
    force: { type: 'boolean', default: false, describe: 'Also one that did not work' },
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
