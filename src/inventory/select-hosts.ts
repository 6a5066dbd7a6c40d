import { readFileSync } from 'node:fs'

import { NothingMatchedError, reasonOf } from '../errors.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { globMatcher } from '../text/glob.ts'
import type { Host, Inventory } from './inventory.ts'

export interface SelectOptions {
  /** Limits the hosts to those that match this pattern too; `@file` reads patterns from a file. */
  readonly limit?: string
}

/** Returns the hosts of a pattern: `a:b` and `a,b` join, `&b` intersects, `!c` excludes. Throws NothingMatchedError. */
export function selectHosts(inventory: Inventory, pattern: string, options: SelectOptions = {}): Host[] {
  const selected = match(inventory, terms(pattern))
  if (selected.length === 0) throw nothing(inventory, `no host matches '${pattern}'`)
  const { limit } = options
  if (limit === undefined) return hostsNamed(inventory, selected)
  const limited = namesWithin(inventory, limit)
  const both = selected.filter((name) => limited.has(name))
  if (both.length === 0)
    throw new NothingMatchedError(
      `no host of '${pattern}' matches the limit '${limit}'`,
      `use a limit that matches some of ${some(selected)}`,
    )
  return hostsNamed(inventory, both)
}

/** Returns the names of the hosts that a limit allows. Throws NothingMatchedError for unknown names. */
export function namesWithin(inventory: Inventory, limit: string): ReadonlySet<string> {
  return new Set(match(inventory, terms(limit).flatMap(fromFile)))
}

function hostsNamed(inventory: Inventory, names: readonly string[]): Host[] {
  return names.flatMap((name) => hostNamed(inventory, name) ?? [])
}

/** Names of the controller, which need no inventory. */
export const localNames: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** Returns a host of the inventory, or the controller by one of its names. */
export function hostNamed(inventory: Inventory, name: string): Host | undefined {
  const controller = localNames.includes(name) ? { ...inventory.localhost, name } : undefined
  return inventory.hosts.get(name) ?? controller
}

/** Splits a pattern, except IPv6 addresses and brackets. */
function terms(pattern: string): string[] {
  if (/^[!&]?[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(pattern)) return [pattern]
  const piece = pattern.includes(',') ? /(?:\[[^\]]*\]|[^,])+/g : /(?:\[[^\]]*\]|[^:])+/g
  return [...pattern.matchAll(piece)].map(([term]) => term.trim()).filter((term) => term !== '')
}

/** Sorts the terms: first unions, then intersections, then exclusions, as in Ansible. */
function match(inventory: Inventory, all: readonly string[]): string[] {
  const joined = all.filter((term) => !/^[!&]/.test(term))
  const start = joined.length === 0 && all.length > 0 ? ['all'] : joined
  let names = [...new Set(start.flatMap((term) => matchTerm(inventory, term)))]
  for (const term of all.filter((one) => one.startsWith('&'))) {
    const both = new Set(matchTerm(inventory, term.slice(1)))
    names = names.filter((name) => both.has(name))
  }
  for (const term of all.filter((one) => one.startsWith('!'))) {
    const out = new Set(matchTerm(inventory, term.slice(1)))
    names = names.filter((name) => !out.has(name))
  }
  return names
}

function matchTerm(inventory: Inventory, term: string): readonly string[] {
  const sliced = /^([^~].*?)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(term)
  if (sliced !== null) {
    const [, name = '', index, first, last] = sliced
    const members = matchName(inventory, name)
    if (members !== undefined && index !== undefined) {
      const member = members.at(Number(index))
      return member === undefined ? [] : [member]
    }
    if (members !== undefined) return members.slice(Number(first), last === '' ? undefined : Number(last) + 1)
  }
  const names = matchName(inventory, term)
  if (names === undefined) throw nothing(inventory, `no such host or group: '${term}'`, term)
  return names
}

/** Returns undefined if an exact name does not exist; a glob or expression may match nothing. */
function matchName(inventory: Inventory, name: string): readonly string[] | undefined {
  if (name === '*') return [...inventory.hosts.keys()]
  const group = inventory.groups.get(name)
  if (group !== undefined) return group
  if (inventory.hosts.has(name) || localNames.includes(name)) return [name]
  if (!/^~|[*?[]/.test(name)) return undefined
  const matches = name.startsWith('~') ? regularExpression(name.slice(1)) : globMatcher(name, 'sets')
  const groups = [...inventory.groups].filter(([one]) => matches(one)).flatMap(([, hosts]) => hosts)
  const hosts = [...inventory.hosts.keys()].filter(matches)
  const matched = new Set([...groups, ...hosts])
  return [...inventory.hosts.keys()].filter((one) => matched.has(one))
}

function regularExpression(source: string): (name: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${source})`, 'u')
    return (name) => expression.test(name)
  } catch (error) {
    throw new NothingMatchedError(`invalid regular expression '~${source}': ${reasonOf(error)}`)
  }
}

function fromFile(term: string): string[] {
  if (!term.startsWith('@')) return [term]
  const path = term.slice(1)
  try {
    return readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== '')
      .flatMap(terms)
  } catch (error) {
    throw new NothingMatchedError(`cannot read the limit ${path}: ${reasonOf(error)}`)
  }
}

function nothing(inventory: Inventory, message: string, name?: string): NothingMatchedError {
  const names = [...inventory.groups.keys(), ...inventory.hosts.keys()]
  const hint = name === undefined ? undefined : didYouMean(name, names)
  if (hint !== undefined) return new NothingMatchedError(message, hint)
  const hosts = [...inventory.hosts.keys()]
  return new NothingMatchedError(
    message,
    hosts.length === 0
      ? 'the inventory is empty: pass one with -i FILE, or hosts as in -i "web1,web2,"'
      : `use a name in the inventory, e.g. ${some(hosts)}`,
  )
}

function some(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ')
}
