import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

const sourceFolder = join(import.meta.dirname, '../../src')

/** The imports of each file; paths are relative to the root of the graph. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** Reads all imports of every file below a folder, by default `src`: of types and of values, static and dynamic. */
export function importGraph(root = sourceFolder, folders: readonly string[] = ['.']): ImportGraph {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  return new Map(files.filter((file) => file.endsWith('.ts')).map((file) => [file, importsOf(root, file)]))
}

function importsOf(root: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'))
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)))
}

/** Returns the groups of files that import each other, directly or through others, by Tarjan's algorithm. */
export function importCycles(graph: ImportGraph): string[][] {
  const order = new Map<string, number>()
  const earliest = new Map<string, number>()
  const path: string[] = []
  const cycles: string[][] = []

  function visit(file: string): number {
    const place = order.size
    order.set(file, place)
    earliest.set(file, place)
    path.push(file)
    for (const imported of graph.get(file) ?? []) {
      const reached = order.has(imported) ? order.get(imported) : visit(imported)
      if (path.includes(imported)) lower(file, Math.min(reached ?? place, earliest.get(imported) ?? place))
    }
    const found = earliest.get(file) ?? place
    if (found === place) collect(file)
    return found
  }

  function lower(file: string, place: number): void {
    earliest.set(file, Math.min(earliest.get(file) ?? place, place))
  }

  function collect(file: string): void {
    const group = path.splice(path.indexOf(file))
    if (group.length > 1) cycles.push(group.sort())
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return cycles.sort(([one = ''], [other = '']) => (one < other ? -1 : 1))
}
