import type { WriteTo } from './write.ts'

/** Returns whether a write is to one of these paths, below one, or above one. */
export function writesPath({ subject }: WriteTo<'path'>, paths: readonly string[]): boolean {
  return paths.some((path) => isIn(subject, path) || isIn(path, subject))
}

function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
}
