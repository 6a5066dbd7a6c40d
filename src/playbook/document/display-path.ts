import { isAbsolute, relative } from 'node:path'

/** A path as a person knows it: from the current folder where it is inside, else from the root. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside
}
