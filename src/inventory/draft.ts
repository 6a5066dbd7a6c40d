import type { Diagnostic, Position } from '../errors.ts'
import type { Dialect } from '../variables/dialect.ts'
import { projectDialect } from '../variables/dialects.ts'
import type { Layer } from '../variables/layer.ts'
import { expandHosts } from './host-range.ts'

export interface GroupDraft {
  readonly name: string
  readonly hosts: Set<string>
  readonly children: Map<string, Position>
  readonly vars: Layer[]
  priority: number
}

export interface HostDraft {
  readonly name: string
  readonly vars: Layer[]
}

/** The content of the sources read so far, and their errors. */
export class Draft {
  readonly groups = new Map<string, GroupDraft>()
  readonly hosts = new Map<string, HostDraft>()
  /** The groups that a source defines, other than by a section of their variables. */
  readonly declared = new Set<string>(['all', 'ungrouped'])
  /** The first section of variables of each group in INI files. */
  readonly varsSections = new Map<string, Position>()
  readonly diagnostics: Diagnostic[] = []
  readonly dialect: Dialect = projectDialect

  constructor() {
    this.group('all')
    this.group('ungrouped')
  }

  report(at: Position, message: string, hint?: string): void {
    this.diagnostics.push({ at, message, ...(hint === undefined ? {} : { hint }) })
  }

  group(name: string): GroupDraft {
    const known = this.groups.get(name)
    if (known !== undefined) return known
    const group = {
      name,
      hosts: new Set<string>(),
      children: new Map<string, Position>(),
      vars: [],
      priority: 1,
    }
    this.groups.set(name, group)
    return group
  }

  /** Returns the group with this name; reports an invalid name and returns undefined. */
  groupNamed(name: string, at: Position): GroupDraft | undefined {
    if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name)) return this.group(name)
    this.report(at, `invalid group name '${name}'`, 'use letters, digits, _, - and .')
    return undefined
  }

  /** Returns the hosts of a name, which may be a range and may end with a port. */
  hostsNamed(text: string, at: Position): HostDraft[] {
    try {
      return expandHosts(text).map(({ name, port }) => {
        const host = this.hosts.get(name) ?? { name, vars: [] }
        this.hosts.set(name, host)
        if (port !== undefined)
          host.vars.push({
            origin: at.file,
            values: new Map([['ansible_port', port]]),
            literal: true,
            at: () => at,
          })
        return host
      })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.report(at, error.message)
      return []
    }
  }

  checkVariable(name: string, at: Position): void {
    if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return
    this.report(at, `invalid variable name '${name}'`, 'use letters, digits and _')
  }
}
