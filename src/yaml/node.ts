import type { ScalarStyle } from './scalar-position.ts'

/** A part of a YAML text, with the offsets of its start and of the end of its value. */
interface Place {
  readonly start: number
  readonly end: number
}

interface Content extends Place {
  readonly tag?: string | undefined
  readonly anchor?: string | undefined
}

export interface ScalarNode extends Content {
  readonly type: 'scalar'
  readonly style: ScalarStyle
  readonly text: string
}

export interface MapNode extends Content {
  readonly type: 'map'
  readonly entries: readonly MapEntry[]
}

export interface MapEntry {
  readonly key: YamlNode | null
  readonly value: YamlNode | null
}

export interface ListNode extends Content {
  readonly type: 'list'
  readonly items: readonly (YamlNode | null)[]
}

export interface AliasNode extends Place {
  readonly type: 'alias'
  /** The name of the anchor. */
  readonly source: string
}

export type YamlNode = ScalarNode | MapNode | ListNode | AliasNode
