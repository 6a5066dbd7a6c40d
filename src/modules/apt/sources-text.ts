import type { AptSources } from '../../state/apt-sources.ts'
import { trimEnd } from '../../state/parse/trim-end.ts'

/** Detects a deb822 source: several lines with the fields Types, URIs and Suites, which need a separate file. */
export function isStanza(repo: string): boolean {
  return /^Types:/m.test(repo) && /^URIs:/m.test(repo)
}

/** Returns the file for a new repository. By default its name is derived from the address, as in Ansible. */
export function fileFor(repo: string, filename: string | undefined): string {
  const name = filename ?? slug(repo)
  return `/etc/apt/sources.list.d/${name}.${isStanza(repo) ? 'sources' : 'list'}`
}

export function isListed(sources: AptSources, repo: string, filename: string | undefined): boolean {
  if (isStanza(repo)) return sources[fileFor(repo, filename)]?.join('\n').trim() === repo
  return Object.values(sources).some((lines) => lines.some((line) => isSame(line, repo)))
}

/** Returns the new lines of each file that changes, or undefined for a file that must be removed. */
export function editedFiles(
  sources: AptSources,
  repo: string,
  file: string,
  state: 'present' | 'absent',
): Record<string, readonly string[] | undefined> {
  if (isStanza(repo)) return { [file]: state === 'present' ? repo.split('\n') : undefined }
  if (state === 'present') return { [file]: [...(sources[file] ?? []), repo] }
  return Object.fromEntries(
    Object.entries(sources)
      .filter(([, lines]) => lines.some((line) => isSame(line, repo)))
      .map(([name, lines]) => [name, remaining(name, lines, repo)]),
  )
}

function remaining(file: string, lines: readonly string[], repo: string): readonly string[] | undefined {
  const left = lines.filter((line) => !isSame(line, repo))
  const empty = left.every((line) => line.trim() === '')
  return empty && file !== '/etc/apt/sources.list' ? undefined : left
}

function isSame(line: string, repo: string): boolean {
  return normalize(line) === normalize(repo)
}

function normalize(line: string): string {
  return line.replace(/#.*/, '').trim().replaceAll(/\s+/g, ' ')
}

function slug(repo: string): string {
  const address =
    repo
      .replace(/\[[^[\]]*\]/, '')
      .split(/\s+/)
      .find((word) => word.includes(':')) ?? repo
  const path = address.replace(/^\w+:\/*/, '').replace(/^[^/@]*@/, '')
  return trimEnd(path, '/').replaceAll(/[^A-Za-z0-9-]+/g, '_')
}
