import { hash } from 'node:crypto'

import type { YamlNode } from './node.ts'
import { nodesOf, outlineOf, type Outline } from './outline.ts'

/** A store that keeps outlines between runs, by the SHA-256 of the content of the file. */
export interface OutlineStore {
  get(digest: string): Outline | undefined
  add(digest: string, outline: Outline): void
}

let store: OutlineStore | undefined

/** Sets the store of outlines. Files with an outline in it are not parsed; the outlines of others are added. */
export function rememberOutlines(where: OutlineStore | undefined): void {
  store = where
}

/** Returns the nodes of a file, which is parsed unless the store has its outline. */
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
