import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { ExitCode } from '../errors.ts'
import type { RunOptions } from '../run/options.ts'
import { check, run } from '../run/run.ts'
import { demandTrust } from '../run/trusted-project.ts'

/** The options of a command that runs a deploy playbook. */
export interface DeployOptions extends Omit<
  RunOptions,
  'playbook' | 'variables' | 'tags' | 'skipTags' | 'startAtTask' | 'lookahead' | 'forceHandlers'
> {
  /** Performs a dry run. */
  readonly check: boolean
  /** The working directory, where playbooks and inventory are. */
  readonly folder: string
}

/**
 * Runs a deploy playbook: the project's own, or else the one that is shipped with Hostwright.
 * @param variables names, reasons and ids from outside: the playbook sees them as data, never as templates
 */
export async function runDeployPlaybook(
  name: string,
  variables: Readonly<Record<string, unknown>>,
  options: DeployOptions,
): Promise<ExitCode> {
  const playbook = playbookOf(name, options.folder)
  const { exitCode } = await (options.check ? check : run)({ ...options, playbook, variables })
  return exitCode
}

export function playbookOf(name: string, folder: string): string {
  const own = join('playbooks', `${name}.yml`)
  if (existsSync(join(folder, own))) {
    demandTrust(
      join(folder, 'playbooks'),
      'playbook folder',
      'change its owner and mode so that only you can write to it, or work in a folder of your own',
    )
    return own
  }
  return fileURLToPath(new URL(`../../playbooks/${name}.yml`, import.meta.url))
}
