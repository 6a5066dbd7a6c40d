import type { Write } from './key.ts'

/** Whether a write is to one of these paths, to something in them, or to a directory that holds them. */
export function writesPath(write: Write, paths: readonly string[]): boolean {
  if (write.type !== 'thing' || write.kind !== 'path') return false
  return paths.some((path) => isIn(write.subject, path) || isIn(path, write.subject))
}

function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
}
