import { isAbsolute, relative } from 'node:path'

/** Returns a path relative to the current directory if it is inside, otherwise the absolute path. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside
}
