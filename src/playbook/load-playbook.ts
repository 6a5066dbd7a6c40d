import { basename, dirname, resolve } from 'node:path'

import { type Diagnostic, ExitCode, InvalidInputError, UserError } from '../errors.ts'
import { modules as registry } from '../modules/index.ts'
import { PlayChecks } from './check/play-checks.ts'
import { Diagnostics } from './document/diagnostics.ts'
import { describeValue, type Part } from './document/part.ts'
import { isFile, YamlFiles } from './document/yaml-files.ts'
import { nothingInherited, type Inherited } from './keywords/inherited.ts'
import { playbookImportKeywords } from './keywords/keywords.ts'
import type { Modules } from './params/module-call.ts'
import type { Playbook } from './playbook.ts'
import { startReading, type Reading } from './read/context.ts'
import { readPlay, type ReadPlay } from './read/play.ts'

export interface LoadOptions {
  /**
   * The folder that contains templates/ and files/; by default, the one that contains playbooks/, or the playbook's
   * own.
   */
  readonly projectDir?: string
  readonly modules?: Modules
  /**
   * Names of the variables of the inventory, the command line and the facts. Without it, undefined names are not
   * reported.
   */
  readonly variables?: Iterable<string>
  /** Returns whether a variable may become defined during the run, such as the facts of a network interface. */
  readonly mayBeVariable?: (name: string) => boolean
}

/** The readable parts of playbooks, and their errors. */
export interface LoadedPlaybook {
  readonly playbook: Playbook
  /** All errors. */
  readonly problems: readonly Diagnostic[]
  /** True if files or roles are missing, so that more errors may follow. */
  readonly hasGaps: boolean
  /** Names that tasks register, including tasks that could not be read. */
  readonly registered: ReadonlySet<string>
}

/** Reads playbooks with everything they import. Throws InvalidInputError with all errors. */
export function loadPlaybook(playbooks: string | readonly string[], options: LoadOptions = {}): Playbook {
  const { playbook, problems } = readPlaybooks(playbooks, options)
  if (problems.length > 0) throw new InvalidInputError(problems)
  return playbook
}

/** Reads playbooks like loadPlaybook, but returns the readable parts together with the errors. */
export function readPlaybooks(
  playbooks: string | readonly string[],
  options: LoadOptions = {},
): LoadedPlaybook {
  const paths = (typeof playbooks === 'string' ? [playbooks] : playbooks).map((path) => resolve(path))
  const [first] = paths
  if (first === undefined) throw new Error('no playbook was given')
  const diagnostics = new Diagnostics()
  const files = new YamlFiles()
  const read = paths.flatMap((path) => {
    if (!isFile(path)) throw new UserError(`no such playbook: ${path}`, { exitCode: ExitCode.invalidInput })
    const projectDir = options.projectDir === undefined ? projectOf(path) : resolve(options.projectDir)
    const reading = startReading(options.modules ?? registry, projectDir, files, diagnostics)
    return readPlaybook(path, nothingInherited, [], reading)
  })
  checkPlays(read, options, diagnostics)
  return {
    playbook: { file: first, plays: read.map(({ play }) => play) },
    problems: diagnostics.all(),
    hasGaps: diagnostics.hasGaps,
    registered: new Set(read.flatMap(({ reading }) => [...reading.registered])),
  }
}

function projectOf(playbook: string): string {
  const folder = dirname(playbook)
  return basename(folder) === 'playbooks' ? dirname(folder) : folder
}

function readPlaybook(
  file: string,
  outer: Inherited,
  chain: readonly string[],
  reading: Reading,
): ReadPlay[] {
  const { diagnostics } = reading
  const part = reading.files.open(file, diagnostics)
  if (part === undefined) return []
  if (part.items === undefined || part.items.length === 0)
    diagnostics.add(part.at(), `a playbook must be a list of plays, not ${describeValue(part.value)}`)
  return (part.items ?? []).flatMap((item) => {
    if (item.isMapping) return readPlayOrImport(item, file, outer, [...chain, file], reading)
    diagnostics.add(item.at(), `expected a play, not ${describeValue(item.value)}`)
    return []
  })
}

function readPlayOrImport(
  item: Part,
  file: string,
  outer: Inherited,
  chain: readonly string[],
  reading: Reading,
): ReadPlay[] {
  const key = item.keys.find((one) => /^(ansible\.builtin\.)?import_playbook$/.test(one))
  if (key === undefined) return [readPlay(item, file, outer, reading)]
  const { values, keywords, diagnostics } = reading
  const known = new Set([...playbookImportKeywords.known, key])
  values.checkKeys(item, { ...playbookImportKeywords, known }, 'import_playbook')
  const target = item.get(key)
  const name = values.plainText(target, 'the name of an imported playbook')
  if (name === undefined) return []
  const imported = resolve(dirname(file), name)
  const at = target?.at() ?? item.at()
  if (!isFile(imported)) diagnostics.addGap(at, `no such playbook: ${name}`, `searched for ${imported}`)
  else if (chain.includes(imported)) diagnostics.add(at, `${name} imports itself`)
  else
    return readPlaybook(imported, keywords.withVars(outer, item, 'vars of import_playbook'), chain, reading)
  return []
}

function checkPlays(read: readonly ReadPlay[], options: LoadOptions, diagnostics: Diagnostics): void {
  const outside = options.variables === undefined ? undefined : new Set(options.variables)
  const defined = new Set<string>()
  for (const { play, reading } of read) {
    const checks = new PlayChecks(play, {
      registered: reading.registered,
      outside,
      mayBeVariable: options.mayBeVariable,
      defined,
      hasGaps: diagnostics.hasGaps,
    })
    reading.checks = checks
    checks.checkAll(diagnostics)
  }
}
