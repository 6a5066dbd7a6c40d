import { nameParam } from '../definition/parameters.ts'

/** The name of a unit of systemd, with or without its suffix; no pattern, no path, no template without its instance. */
export const unitNameParam = nameParam
  .refine((name) => /^[\w:.@\\-]+$/.test(name) && !name.startsWith('-'), 'not the name of a unit')
  .refine((name) => !/@(\.\w+)?$/.test(name), 'a template unit needs its instance, e.g. name@instance')
