import type { Diagnostics } from '../document/diagnostics.ts'
import type { YamlFiles } from '../document/yaml-files.ts'
import { KeywordReader, type Inherited } from '../keywords/inherited.ts'
import { ValueReader } from '../keywords/values.ts'
import type { Modules } from '../params/module-call.ts'
import type { Role } from '../playbook.ts'
import type { PlayReading } from './play-reading.ts'
import type { RoleCollection } from './role-collection.ts'

/** The shared context of reading a playbook. */
export interface Reading {
  readonly modules: Modules
  readonly projectDir: string
  readonly files: YamlFiles
  readonly diagnostics: Diagnostics
  readonly values: ValueReader
  readonly keywords: KeywordReader
}

/** The context in which tasks are read. */
export interface ReadContext {
  readonly reading: Reading
  readonly play: PlayReading
  /** The collection of roles and their handlers. */
  readonly roles: RoleCollection
  /** The first folder to search for imported and included files. */
  readonly folder: string
  readonly inherited: Inherited
  readonly searchPath: readonly string[]
  readonly role?: Role
  /** The files and roles that contain these tasks, to detect a cycle. */
  readonly chain: readonly string[]
  /** The number of nested includes around these tasks. */
  readonly depth: number
  /** True if handlers are read, which may have `listen`. */
  readonly forHandlers: boolean
}

export function startReading(
  modules: Modules,
  projectDir: string,
  files: YamlFiles,
  diagnostics: Diagnostics,
): Reading {
  const values = new ValueReader(diagnostics)
  return { modules, projectDir, files, diagnostics, values, keywords: new KeywordReader(diagnostics, values) }
}

/** Returns the same context for nodes that are read later, with separate diagnostics. */
export function readLater(
  context: ReadContext,
  roles: RoleCollection,
  diagnostics: Diagnostics,
): ReadContext {
  const { modules, projectDir, files } = context.reading
  return { ...context, roles, reading: startReading(modules, projectDir, files, diagnostics) }
}
