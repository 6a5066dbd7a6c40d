import { joinScripts, sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { aptAnswers, readApt } from './package/apt.ts'
import type { PackageQuestion, PackageValue } from './package/value.ts'
import { sections } from './parse/sections.ts'

declare module './definition/write.ts' {
  interface KindValues {
    package: PackageValue
  }
}

export const packageKind = defineKind<'package', PackageQuestion>({
  name: 'package',
  subject: ({ name }) => name,
  read: (questions) => joinScripts([printManager, readApt(questions)]),
  parse(output, questions) {
    const { manager, ...found } = sections(output, ['manager', 'journal', 'packages', 'policy'])
    if (manager.join() !== 'apt') throw new Error(`unknown package manager: ${manager.join()}`)
    return aptAnswers(
      found,
      questions.map(({ name }) => name),
    )
  },
  // The scope 'packages' covers the scripts and files of packages.
  livesIn: () => ['/var/lib/dpkg', '/var/lib/apt'],
  dependsOn: {
    // Installing never removes another package: apt-get runs with --no-remove, or the step declares the removal.
    scopes: (scope, { version }, { installed, interrupted }) =>
      scope === 'anything' ||
      (scope === 'packages' && (!installed || version !== undefined || interrupted !== undefined)),
    paths: ({ version }) => [
      '/var/lib/dpkg',
      ...(version === 'candidate' ? ['/etc/apt', '/var/lib/apt'] : []),
    ],
    kinds: {
      package: ({ value }) => value?.installed !== true,
      'package-lists': (_write, { version }) => version === 'candidate',
    },
  },
})

/** Prints the package manager of the host. Fails if it is not supported. */
const printManager = sh`
  echo '== manager'
  if ! command -v dpkg-query >/dev/null; then
    echo 'no supported package manager on this host: packages are managed with apt, on Debian and its derivatives' >&2
    exit 1
  fi
  echo apt
`
