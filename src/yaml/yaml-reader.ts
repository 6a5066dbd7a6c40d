import { type Diagnostic, describePosition, InvalidInputError, type Position } from '../errors.ts'
import type { AliasNode, MapNode, ScalarNode, YamlNode } from './node.ts'
import { plainValue } from './scalar.ts'
import type { SecretSource } from './secret-source.ts'
import { readSecret } from './secret-tag.ts'

interface Entry {
  readonly key: YamlNode
  readonly value: YamlNode | null
}

/** The maximum number of values that the aliases of a document repeat. */
const repetitionLimit = 200_000

/** Converts the nodes of a document into values, and remembers which node each part comes from. */
export class YamlReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #at: (node: YamlNode | null) => Position
  readonly #braceAdvice: string | undefined
  readonly #anchors = new Map<string, YamlNode>()
  readonly #targets = new Map<YamlNode, YamlNode>()
  readonly #entries = new Map<YamlNode, Map<string, Entry>>()
  /** The values of the nodes with an anchor. */
  readonly #values = new Map<YamlNode, unknown>()
  /** The number of values in each node with an anchor, with those that its aliases repeat. */
  readonly #sizes = new Map<YamlNode, number>()
  readonly #open = new Set<YamlNode>()
  #size = 0
  #repeated = 0

  constructor(at: (node: YamlNode | null) => Position, braceAdvice?: string) {
    this.#at = at
    this.#braceAdvice = braceAdvice
  }

  read(node: YamlNode | null): unknown {
    this.#size += 1
    if (node === null) return null
    if (node.type === 'alias') return this.#readAlias(node)
    if (node.anchor === undefined) return this.#readTagged(node)
    this.#anchors.set(node.anchor, node)
    this.#open.add(node)
    const before = this.#size
    const value = this.#readTagged(node)
    this.#open.delete(node)
    this.#sizes.set(node, this.#size - before + 1)
    this.#values.set(node, value)
    return value
  }

  /** Returns the nodes of the part at this path, or of the nearest enclosing part. */
  find(root: YamlNode | null, path: readonly (string | number)[]): Entry | { key: null; value: null } {
    let found: Entry | undefined = root === null ? undefined : { key: root, value: root }
    for (const step of path) {
      const next = this.#child(found?.value ?? null, step)
      if (next === undefined) break
      found = next
    }
    if (found === undefined) return { key: null, value: null }
    return { key: found.key, value: found.value ?? found.key }
  }

  #child(node: YamlNode | null, step: string | number): Entry | undefined {
    const target = node?.type === 'alias' ? this.#targets.get(node) : node
    if (target?.type === 'map') return this.#entries.get(target)?.get(String(step))
    const item = target?.type === 'list' ? target.items[Number(step)] : undefined
    return item === undefined || item === null ? undefined : { key: item, value: item }
  }

  #report(node: YamlNode | null, message: string, hint?: string): null {
    this.diagnostics.push({ at: this.#at(node), message, ...(hint === undefined ? {} : { hint }) })
    return null
  }

  #readAlias(node: AliasNode): unknown {
    const { source: name } = node
    const target = this.#anchors.get(name)
    if (target === undefined)
      return this.#report(node, `undefined alias *${name}: no anchor &${name} precedes it`)
    if (this.#open.has(target)) return this.#report(node, `the anchor &${name} contains itself`)
    this.#targets.set(node, target)
    const size = this.#sizes.get(target) ?? 0
    this.#size += size
    this.#repeated += size
    if (this.#repeated > repetitionLimit) throw this.#tooMany(node, name)
    return this.#values.get(target)
  }

  /** Ends the reading: aliases of aliases could repeat more values than memory can hold. */
  #tooMany(node: AliasNode, name: string): InvalidInputError {
    const shown = repetitionLimit.toLocaleString('en')
    return new InvalidInputError([
      ...this.diagnostics,
      {
        at: this.#at(node),
        message: `too many values: up to *${name}, the aliases of this file repeat more than ${shown}`,
        hint: 'repeat values with a loop or a template instead of aliases of aliases',
      },
    ])
  }

  #readTagged(node: Exclude<YamlNode, AliasNode>): unknown {
    const { tag = '' } = node
    if (tag === '!secret') return this.#readSecret(node)
    if (tag === '!vault')
      return this.#report(
        node,
        '!vault is not supported yet',
        'use !secret {env: NAME} or !secret {file: path}',
      )
    if (node.type === 'scalar') return this.#readScalar(node, tag)
    const usual = node.type === 'map' ? 'tag:yaml.org,2002:map' : 'tag:yaml.org,2002:seq'
    if (tag !== '' && tag !== usual)
      return this.#report(node, `unknown tag ${tag}`, 'remove it: only !secret is supported')
    if (node.type === 'map') return this.#readMap(node)
    return node.items.map((item) => this.read(item))
  }

  #readScalar(node: ScalarNode, tag: string): unknown {
    const { text } = node
    if (tag === '!' || tag === 'tag:yaml.org,2002:str') return text
    if (tag === '') return node.style === 'plain' ? plainValue(text) : text
    const type = /^tag:yaml\.org,2002:(int|float|bool|null)$/.exec(tag)?.[1]
    if (type === undefined)
      return this.#report(node, `unknown tag ${tag}`, 'remove it: only !secret is supported')
    const value = plainValue(text)
    const fits = {
      int: Number.isInteger(value),
      float: typeof value === 'number',
      bool: typeof value === 'boolean',
      null: value === null,
    }
    if (!fits[type as keyof typeof fits]) return this.#report(node, `'${text}' is not a !!${type}`)
    return value
  }

  #readSecret(node: YamlNode): SecretSource | null {
    const value: unknown =
      node.type === 'map' ? this.#readMap(node) : node.type === 'scalar' ? node.text : undefined
    const secret = readSecret(value, this.#at(node))
    return typeof secret === 'string' ? this.#report(node, secret) : secret
  }

  #readMap(map: MapNode): Record<string, unknown> {
    const entries = new Map<string, Entry>()
    const values = new Map<string, unknown>()
    const merged: YamlNode[] = []
    this.#entries.set(map, entries)
    for (const { key: keyNode, value } of map.entries) {
      if (isMergeKey(keyNode)) {
        if (value !== null) merged.push(value)
        continue
      }
      const key = this.#readKey(keyNode)
      if (key === null || keyNode === null) continue
      const entry = { key: keyNode, value }
      const first = entries.get(key)
      if (first !== undefined) {
        this.#report(
          entry.key,
          `duplicate key '${key}'`,
          `first used at ${describePosition(this.#at(first.key))}`,
        )
        continue
      }
      entries.set(key, entry)
      values.set(key, this.read(entry.value))
    }
    for (const node of merged) this.#merge(node, entries, values)
    return Object.fromEntries(values)
  }

  #readKey(key: YamlNode | null): string | null {
    const node = key?.type === 'alias' ? this.#anchors.get(key.source) : key
    if (node?.type === 'scalar' && (node.text !== '' || node.style !== 'plain')) return node.text
    if (node?.type === 'map')
      return this.#report(
        key,
        'a mapping cannot be a key',
        `quote a value that begins with {${this.#braceAdvice === undefined ? '' : `; ${this.#braceAdvice}`}`,
      )
    return this.#report(key, 'a key must be a string')
  }

  #merge(node: YamlNode, entries: Map<string, Entry>, values: Map<string, unknown>): void {
    const value = this.read(node)
    const target = this.#targets.get(node) ?? node
    if (target.type === 'list') {
      for (const item of target.items) if (item !== null) this.#merge(item, entries, values)
      return
    }
    if (target.type !== 'map') {
      this.#report(node, '<< takes a mapping or a list of mappings')
      return
    }
    for (const [key, entry] of this.#entries.get(target) ?? []) {
      if (entries.has(key)) continue
      entries.set(key, entry)
      values.set(key, (value as Record<string, unknown>)[key])
    }
  }
}

function isMergeKey(key: YamlNode | null): boolean {
  return key?.type === 'scalar' && key.style === 'plain' && key.text === '<<'
}
