import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { DeployArguments } from '../cli/options/deploy-options.ts'
import { runFromCommandLine } from '../cli/run-playbook.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { ExitCode } from '../errors.ts'
import type { Reporter } from '../report/reporter.ts'
import { demandTrust } from '../run/trusted-project.ts'

/**
 * Runs one of the playbooks of deploys: the project's own, or the one that comes with the command.
 * @param variables names, reasons and ids that come from outside: the playbook sees them as data, never as templates
 */
export async function runDeployPlaybook(
  name: string,
  variables: Readonly<Record<string, unknown>>,
  options: DeployArguments,
  terminal: Terminal,
  reporter?: Reporter,
): Promise<ExitCode> {
  const run = {
    ...options,
    playbook: playbookOf(name, terminal),
    ...{ tags: [], skipTags: [], startAtTask: undefined },
    ...{ listHosts: false, listTasks: false, syntaxCheck: false },
    ...{ lookahead: true, forceHandlers: false, detailedExitcode: false },
  }
  return runFromCommandLine(run, terminal, { variables, ...(reporter === undefined ? {} : { reporter }) })
}

export function playbookOf(name: string, terminal: Terminal): string {
  const own = join('playbooks', `${name}.yml`)
  if (existsSync(join(terminal.cwd(), own))) {
    demandTrust(
      join(terminal.cwd(), 'playbooks'),
      'playbook folder',
      'Make it yours and writable for you alone, or work in a folder of your own',
    )
    return own
  }
  return fileURLToPath(new URL(`../../playbooks/${name}.yml`, import.meta.url))
}
