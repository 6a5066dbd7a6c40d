import { dirname } from 'node:path'

import type { DeployArguments } from '../cli/options/deploy-options.ts'
import type { Terminal } from '../cli/terminal.ts'
import { UsageError } from '../errors.ts'
import { Fleet } from '../run/fleet.ts'
import { playbookOf } from './deploy-playbook.ts'
import { locateRepository, type RepositoryLocation } from './repository/repository-location.ts'

/** Of the environment: an address with a token stays out of the command line, which everybody can read. */
export const repositoryVariable = 'HOSTWRIGHT_REPO'

/** The repository of the code base: as the command line says, else the environment, else the inventory's variable app_repository. */
export function codeBaseOf(
  options: DeployArguments & { readonly repo: string | undefined },
  terminal: Terminal,
): RepositoryLocation {
  const repository =
    options.repo ?? terminal.env[repositoryVariable] ?? repositoryOfInventory(options, terminal)
  if (repository === undefined)
    throw new UsageError(
      'which repository?',
      'name it with --repo, or in the inventory with the variable app_repository in group_vars/all.yml',
    )
  return locateRepository(repository, terminal.cwd(), terminal.secrets)
}

function repositoryOfInventory(options: DeployArguments, terminal: Terminal): string | undefined {
  if (options.check) terminal.secrets.startDryRun()
  const fleet = Fleet.load(options, {
    playbookDir: dirname(playbookOf('deploy', terminal)),
    secrets: terminal.secrets,
    check: options.check,
    diff: options.diff,
  })
  const repository = fleet.variableOf('localhost', 'app_repository')
  return typeof repository === 'string' ? repository : undefined
}
