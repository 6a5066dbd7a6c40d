import { hash } from 'node:crypto'

import type { YamlNode } from './node.ts'
import { nodesOf, outlineOf, type Outline } from './outline.ts'

/** Remembers outlines from run to run, by the SHA-256 of the content of the file. */
export interface OutlineStore {
  get(digest: string): Outline | undefined
  add(digest: string, outline: Outline): void
}

let store: OutlineStore | undefined

/** From now on, files whose outline is in the store are not parsed; the outlines of others are added to it. */
export function rememberOutlines(where: OutlineStore | undefined): void {
  store = where
}

/** The nodes of a file, parsed unless its outline is remembered. */
export function nodesOfFile(content: Buffer, text: string, parse: () => YamlNode | null): YamlNode | null {
  if (store === undefined) return parse()
  const digest = hash('sha256', content)
  const outline = store.get(digest)
  if (outline !== undefined) return nodesOf(outline, text)
  const root = parse()
  const made = outlineOf(root, text)
  if (made !== undefined) store.add(digest, made)
  return root
}
