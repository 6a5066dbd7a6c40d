import { didYouMean } from '../text/did-you-mean.ts'
import type { Layer } from '../variables/layer.ts'
import { isPlainObject } from '../variables/plain.ts'
import { loadYaml, type YamlDocument } from '../yaml/yaml-document.ts'
import type { Draft, GroupDraft } from './draft.ts'

type Path = readonly string[]

/** Adds the groups and hosts of a YAML or JSON inventory: groups with `hosts`, `children` and `vars`. */
export function readYamlFile(file: string, draft: Draft): void {
  const braceAdvice = draft.dialect.adviceFor({ type: 'unquoted brace' })
  new YamlInventoryReader(loadYaml(file, { braceAdvice }), draft).read()
}

class YamlInventoryReader {
  readonly #document: YamlDocument
  readonly #draft: Draft

  constructor(document: YamlDocument, draft: Draft) {
    this.#document = document
    this.#draft = draft
  }

  read(): void {
    const { value } = this.#document
    if (value === null) return
    if (!isPlainObject(value)) {
      this.#wrong([], 'an inventory must be a mapping of groups', "write 'all:' and below it 'hosts:'")
      return
    }
    if ('plugin' in value) {
      this.#wrong(
        ['plugin'],
        'inventory plugins are not supported',
        'list the hosts, or generate the file with a script',
      )
      return
    }
    for (const [name, content] of Object.entries(value)) this.#group(name, content, [name])
  }

  #group(name: string, content: unknown, path: Path): GroupDraft | undefined {
    const group = this.#draft.groupNamed(name, this.#document.keyAt(path))
    this.#draft.declared.add(name)
    if (group === undefined || content === null) return group
    if (!isPlainObject(content)) {
      this.#wrong(
        path,
        `the group '${name}' must be a mapping`,
        "write 'hosts:', 'children:' or 'vars:' below it",
      )
      return group
    }
    for (const [key, section] of Object.entries(content)) this.#section(group, key, section, [...path, key])
    return group
  }

  #section(group: GroupDraft, key: string, section: unknown, path: Path): void {
    if (key !== 'hosts' && key !== 'children' && key !== 'vars') {
      const hint = didYouMean(key, ['hosts', 'children', 'vars']) ?? 'use hosts, children or vars'
      this.#draft.report(
        this.#document.keyAt(path),
        `unknown key '${key}' in the group '${group.name}'`,
        hint,
      )
      return
    }
    const entries = typeof section === 'string' && key !== 'vars' ? { [section]: null } : section
    if (entries === null) return
    if (!isPlainObject(entries)) {
      const hint =
        key === 'vars' ? "write 'name: value'" : "write each name on a separate line, followed by ':'"
      this.#wrong(path, `'${key}' of the group '${group.name}' must be a mapping`, hint)
      return
    }
    if (key === 'hosts') this.#hosts(group, entries, path)
    else if (key === 'children') this.#children(group, entries, path)
    else this.#vars(group, entries, path)
  }

  #hosts(group: GroupDraft, entries: Record<string, unknown>, path: Path): void {
    for (const [text, vars] of Object.entries(entries)) {
      const own = [...path, text]
      for (const host of this.#draft.hostsNamed(text, this.#document.keyAt(own))) {
        group.hosts.add(host.name)
        if (isPlainObject(vars)) host.vars.push(this.#layer(vars, own))
      }
      if (isPlainObject(vars)) this.#checkNames(vars, own)
      else if (vars !== null) this.#wrong(own, `the variables of the host '${text}' must be a mapping`)
    }
  }

  #children(group: GroupDraft, entries: Record<string, unknown>, path: Path): void {
    for (const [name, content] of Object.entries(entries)) {
      const child = this.#group(name, content, [...path, name])
      if (child !== undefined) group.children.set(name, this.#document.keyAt([...path, name]))
    }
  }

  #vars(group: GroupDraft, vars: Record<string, unknown>, path: Path): void {
    this.#checkNames(vars, path)
    const { ansible_group_priority: priority, ...others } = vars
    if (typeof priority === 'number') group.priority = priority
    else if (priority !== undefined) this.#wrong([...path, 'ansible_group_priority'], 'must be a number')
    group.vars.push(this.#layer(others, path))
  }

  #checkNames(vars: Record<string, unknown>, path: Path): void {
    for (const name of Object.keys(vars))
      this.#draft.checkVariable(name, this.#document.keyAt([...path, name]))
  }

  #layer(vars: Record<string, unknown>, path: Path): Layer {
    return {
      origin: this.#document.file,
      values: new Map(Object.entries(vars)),
      dialect: this.#draft.dialect,
      at: (name, inner = []) => this.#document.at([...path, name, ...inner]),
    }
  }

  #wrong(path: Path, message: string, hint?: string): void {
    this.#draft.report(this.#document.at(path), message, hint)
  }
}
