import { nameParam } from '../definition/parameters.ts'

/** The name of a systemd unit, with or without its suffix, but not a pattern, path or template without instance. */
export const unitNameParam = nameParam
  .refine((name) => /^[\w:.@\\-]+$/.test(name) && !name.startsWith('-'), 'invalid unit name')
  .refine((name) => !/@(\.\w+)?$/.test(name), 'a template unit needs its instance, e.g. name@instance')
