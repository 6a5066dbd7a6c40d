import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'

import { type Diagnostic, describePosition, type Position } from '../errors.ts'
import { plainValue } from './scalar.ts'
import type { SecretSource } from './secret-source.ts'
import { readSecret } from './secret-tag.ts'

interface Entry {
  readonly key: Node
  readonly value: Node | null
}

/** Converts the nodes of a document into values, and remembers which node each part comes from. */
export class YamlReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #at: (node: Node | null) => Position
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Node, Node>()
  readonly #entries = new Map<Node, Map<string, Entry>>()
  readonly #values = new Map<Node, unknown>()
  readonly #open = new Set<Node>()

  constructor(at: (node: Node | null) => Position) {
    this.#at = at
  }

  read(node: Node | null): unknown {
    if (node === null) return null
    if (isAlias(node)) return this.#readAlias(node, node.source)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    this.#open.add(node)
    const value = this.#readTagged(node)
    this.#open.delete(node)
    this.#values.set(node, value)
    return value
  }

  /** Returns the nodes of the part at this path, or of the nearest enclosing part. */
  find(root: Node | null, path: readonly (string | number)[]): Entry | { key: null; value: null } {
    let found: Entry | undefined = root === null ? undefined : { key: root, value: root }
    for (const step of path) {
      const next = this.#child(found?.value ?? null, step)
      if (next === undefined) break
      found = next
    }
    if (found === undefined) return { key: null, value: null }
    return { key: found.key, value: found.value ?? found.key }
  }

  #child(node: Node | null, step: string | number): Entry | undefined {
    const target = node === null ? undefined : (this.#targets.get(node) ?? node)
    if (isMap(target)) return this.#entries.get(target)?.get(String(step))
    if (!isSeq(target)) return undefined
    const item = target.items[Number(step)] as Node | undefined
    return item === undefined ? undefined : { key: item, value: item }
  }

  #report(node: Node | null, message: string, hint?: string): null {
    this.diagnostics.push({ at: this.#at(node), message, ...(hint === undefined ? {} : { hint }) })
    return null
  }

  #readAlias(node: Node, name: string): unknown {
    const target = this.#anchors.get(name)
    if (target === undefined)
      return this.#report(node, `undefined alias *${name}: no anchor &${name} precedes it`)
    if (this.#open.has(target)) return this.#report(node, `the anchor &${name} contains itself`)
    this.#targets.set(node, target)
    return this.#values.get(target)
  }

  #readTagged(node: Node): unknown {
    const tag = (isScalar(node) || isMap(node) || isSeq(node) ? node.tag : undefined) ?? ''
    if (tag === '!secret') return this.#readSecret(node)
    if (tag === '!vault')
      return this.#report(
        node,
        '!vault is not supported yet',
        'use !secret {env: NAME} or !secret {file: path}',
      )
    if (isScalar(node)) return this.#readScalar(node as Scalar<string>, tag)
    const usual = isMap(node) ? 'tag:yaml.org,2002:map' : 'tag:yaml.org,2002:seq'
    if (tag !== '' && tag !== usual)
      return this.#report(node, `unknown tag ${tag}`, 'the only tag is !secret')
    if (isMap(node)) return this.#readMap(node)
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node | null))
    return this.#report(node, 'unexpected content')
  }

  #readScalar(node: Scalar<string>, tag: string): unknown {
    const text = node.value
    if (tag === '!' || tag === 'tag:yaml.org,2002:str') return text
    if (tag === '') return node.type === 'PLAIN' ? plainValue(text) : text
    const type = /^tag:yaml\.org,2002:(int|float|bool|null)$/.exec(tag)?.[1]
    if (type === undefined) return this.#report(node, `unknown tag ${tag}`, 'the only tag is !secret')
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

  #readSecret(node: Node): SecretSource | null {
    const value: unknown = isMap(node) ? this.#readMap(node) : isScalar(node) ? node.value : undefined
    const secret = readSecret(value, this.#at(node))
    return typeof secret === 'string' ? this.#report(node, secret) : secret
  }

  #readMap(map: YAMLMap): Record<string, unknown> {
    const entries = new Map<string, Entry>()
    const values = new Map<string, unknown>()
    const merged: Node[] = []
    this.#entries.set(map, entries)
    for (const pair of map.items) {
      if (!isPair(pair)) continue
      const entry = { key: pair.key as Node, value: pair.value as Node | null }
      if (isMergeKey(entry.key)) {
        if (entry.value !== null) merged.push(entry.value)
        continue
      }
      const key = this.#readKey(entry.key)
      if (key === null) continue
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

  #readKey(key: Node | null): string | null {
    const node = isAlias(key) ? this.#anchors.get(key.source) : key
    if (isScalar(node) && typeof node.value === 'string' && (node.value !== '' || node.type !== 'PLAIN'))
      return node.value
    if (isMap(node))
      return this.#report(
        key,
        'a mapping cannot be a key',
        'quote a value that begins with {; write expressions as <%= … %>',
      )
    return this.#report(key, 'a key must be a string')
  }

  #merge(node: Node, entries: Map<string, Entry>, values: Map<string, unknown>): void {
    const value = this.read(node)
    const target = this.#targets.get(node) ?? node
    if (isSeq(target)) {
      for (const item of target.items) this.#merge(item as Node, entries, values)
      return
    }
    if (!isMap(target)) {
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

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<'
}
