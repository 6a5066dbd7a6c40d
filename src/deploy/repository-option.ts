import { dirname } from 'node:path'

import { UsageError } from '../errors.ts'
import { Fleet } from '../run/fleet.ts'
import type { ConnectionOptions } from '../run/options.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'
import { playbookOf } from './deploy-playbook.ts'
import {
  locateRepository,
  type RepositoryLocation,
  repositoryVariable,
} from './repository/repository-location.ts'

export interface RepositoryOptions extends ConnectionOptions {
  readonly repo?: string | undefined
  readonly check: boolean
  readonly diff?: boolean | undefined
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly secrets: Secrets
}

/** Returns the repository to deploy from: `--repo`, or else the environment variable, or else `app_repository` of the inventory. */
export function repositoryFrom(options: RepositoryOptions): RepositoryLocation {
  const repository = options.repo ?? options.environment[repositoryVariable] ?? repositoryOfInventory(options)
  if (repository === undefined)
    throw new UsageError(
      'no repository to deploy from',
      'give --repo, or set app_repository in group_vars/all.yml of the inventory',
    )
  return locateRepository(repository, options.folder, options.secrets)
}

function repositoryOfInventory(options: RepositoryOptions): string | undefined {
  const { check, diff = false, folder, secrets } = options
  if (check) secrets.startDryRun()
  const playbookDir = dirname(playbookOf('deploy', folder))
  const fleet = Fleet.load(options, { playbookDir, secrets, check, diff })
  const repository = fleet.variableOf('localhost', 'app_repository')
  return typeof repository === 'string' ? repository : undefined
}
