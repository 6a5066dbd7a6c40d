import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'

import type { Machine } from '../../src/sandbox/index.ts'
import type { CodeBase } from '../deploy/code-base.ts'
import type { LiveRelease } from '../load/settings.ts'
import { sshArguments } from './machine.ts'

/** The packages of WordPress and of its parts. */
const packages = [
  'wordpress',
  'wordpress-theme-twentytwentythree',
  'libjs-cropper',
  'libjs-underscore',
  'php-getid3',
]

/** Prints Debian's WordPress as a tar.gz with one tree of files, without symlinks to paths of the machine. */
const pack = `
  set -eu
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  apt-get -qq download ${packages.join(' ')} >&2
  for package in *.deb; do dpkg-deb -x "$package" .; done
  cd usr/share/wordpress
  rm .htaccess wp-includes/certificates/ca-bundle.crt
  tar -chzf - .
`

/** Fills a code base with the WordPress of the machine's Debian and the additions of a team. */
export async function addWordPress({ checkout }: CodeBase, machine: Machine): Promise<void> {
  const ssh = sshArguments(machine, 'root')
  await $({ input: pack, quiet: true })`ssh ${ssh} exec sh -s | tar -xzf - -C ${checkout}`
  await cp(join(import.meta.dirname, 'wordpress'), checkout, { recursive: true })
}

/** Commits and tags a version, which every page shows as `version=v1;`. */
export async function releaseWordPress(codeBase: CodeBase, version: string): Promise<LiveRelease> {
  await writeFile(join(codeBase.checkout, 'version.txt'), `version=${version};\n`)
  await codeBase.git('add', '--all')
  const sha = await codeBase.release(version)
  return { release: sha.slice(0, 7), version }
}
