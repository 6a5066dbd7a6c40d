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
] as const

export type CommandName = (typeof commandNames)[number]
