import type { Dialect } from './dialect.ts'
import { ejs } from './ejs/ejs.ts'

/** The dialect of playbooks, roles, inventories and the command line. */
export const projectDialect: Dialect = ejs
