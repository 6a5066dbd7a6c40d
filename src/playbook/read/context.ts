import type { Diagnostics } from '../document/diagnostics.ts'
import type { YamlFiles } from '../document/yaml-files.ts'
import { KeywordReader, type Inherited } from '../keywords/inherited.ts'
import { ValueReader } from '../keywords/values.ts'
import type { Modules } from '../params/module-call.ts'
import type { Role } from '../playbook.ts'
import type { PlayReading } from './play-reading.ts'
import type { RoleCollection } from './role-collection.ts'

/** What all reading of a playbook shares. */
export interface Reading {
  readonly modules: Modules
  readonly projectDir: string
  readonly files: YamlFiles
  readonly diagnostics: Diagnostics
  readonly values: ValueReader
  readonly keywords: KeywordReader
}

/** Where tasks are read: what surrounds them. */
export interface ReadContext {
  readonly reading: Reading
  readonly play: PlayReading
  /** Where roles and their handlers are put. */
  readonly roles: RoleCollection
  /** The folder in which imported and included files are looked for first. */
  readonly folder: string
  readonly inherited: Inherited
  readonly searchPath: readonly string[]
  readonly role?: Role
  /** The files and roles that lead here, to notice a circle. */
  readonly chain: readonly string[]
  /** How many includes of the run lead here. */
  readonly depth: number
  /** Handlers are read: they may listen. */
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

/** The same place, for what is read later and has its own errors. */
export function readLater(
  context: ReadContext,
  roles: RoleCollection,
  diagnostics: Diagnostics,
): ReadContext {
  const { modules, projectDir, files } = context.reading
  return { ...context, roles, reading: startReading(modules, projectDir, files, diagnostics) }
}
