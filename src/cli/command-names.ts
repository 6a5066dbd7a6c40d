export const commandNames = [
  'run',
  'deploy',
  'rollback',
  'releases',
  'unlock',
  'maintenance',
  'watch',
  'hook',
  'ping',
  'sandbox',
  'doc',
] as const

export type CommandName = (typeof commandNames)[number]
