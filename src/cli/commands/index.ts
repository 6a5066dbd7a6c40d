import type { CommandName } from '../command-names.ts'
import type { Command } from './define-command.ts'
import { deployCommand } from './deploy.ts'
import { docCommand } from './doc.ts'
import { hookCommand } from './hook.ts'
import { maintenanceCommand } from './maintenance.ts'
import { pingCommand } from './ping.ts'
import { releasesCommand } from './releases.ts'
import { rollbackCommand } from './rollback.ts'
import { runCommand } from './run.ts'
import { sandboxCommand } from './sandbox.ts'
import { unlockCommand } from './unlock.ts'
import { watchCommand } from './watch.ts'

/** Every command, in the order of the help. */
export const commands: Readonly<Record<CommandName, Command>> = {
  run: runCommand,
  deploy: deployCommand,
  rollback: rollbackCommand,
  releases: releasesCommand,
  unlock: unlockCommand,
  maintenance: maintenanceCommand,
  watch: watchCommand,
  hook: hookCommand,
  ping: pingCommand,
  sandbox: sandboxCommand,
  doc: docCommand,
}

export function commandNamed(name: string | undefined): Command | undefined {
  return Object.values(commands).find((command) => command.name === name)
}
