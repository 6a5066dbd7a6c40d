import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import {
  acquireSettings,
  debianSources,
  indexTargetFormat,
  passwordsIn,
  publicSources,
  withoutPasswords,
} from '../apt-sources.ts'
import type { Release } from '../debian-release.ts'
import { userRange } from '../machine/isolation.ts'
import { run } from '../run-command.ts'

/** Everything that determines the content of an image. */
export interface ImageRecipe {
  readonly release: Release
  readonly packages: readonly string[]
  /** A deb822 file. */
  readonly sources: string
  readonly aptConfiguration: string
  /** The configuration with user names and passwords of proxies; used only for the build. */
  readonly privateAptConfiguration: string
  /** An auth.conf; used only for the build. */
  readonly aptCredentials: string
  /** A shell script whose argument is the root directory of the new system. */
  readonly customize: string
}

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server', 'sudo'],
  ...['ca-certificates', 'iproute2', 'procps', 'tzdata'],
]

const certificates = '/usr/local/share/ca-certificates'

/** The properties of the outer machine that an image depends on, except apt's settings. */
const ingredients = ['/etc/os-release', '/etc/apt/sources.list', '/etc/apt/sources.list.d', certificates]

const passwordFiles = ['/etc/apt/auth.conf', '/etc/apt/auth.conf.d']

/** Returns the recipe for this outer machine: its archives, its apt settings, its certificates. */
export async function recipeFor(release: Release): Promise<ImageRecipe> {
  const [sources, settings] = await Promise.all([sourcesFor(release), aptConfiguration()])
  return {
    release,
    packages,
    sources: withoutPasswords(sources),
    aptConfiguration: withoutPasswords(settings),
    privateAptConfiguration: settings,
    aptCredentials: `${await aptPasswords()}${passwordsIn(sources)}`,
    customize: customize(release),
  }
}

/** Returns a value that changes with the recipe, and is much faster to compute. */
export async function fingerprint(release: Release, isolated: boolean): Promise<string> {
  const settings = withoutPasswords(await aptConfiguration())
  const users = isolated ? userRange : 'ours'
  const hash = createHash('sha256').update(
    JSON.stringify([release, packages, customize(release), settings, users]),
  )
  const files = await Promise.all(ingredients.map(filesIn))
  for (const file of files.flat().sort()) hash.update(file).update(await readFile(file))
  return hash.digest('hex').slice(0, 12)
}

async function sourcesFor(release: Release): Promise<string> {
  const osRelease = await readFile('/etc/os-release', 'utf8')
  if (!/^ID=debian$/m.test(osRelease)) return publicSources(release)
  const outerRelease = /^VERSION_CODENAME=(.*)$/m.exec(osRelease)?.[1] ?? 'sid'
  const targets = await run`apt-get indextargets --format ${indexTargetFormat} ${'Created-By: Packages'}`
  return debianSources(targets, outerRelease, release)
}

async function aptConfiguration(): Promise<string> {
  return acquireSettings(await run`apt-config dump --no-empty --format ${'%F "%v";%n'}`, process.env)
}

async function aptPasswords(): Promise<string> {
  const files = (await Promise.all(passwordFiles.map(filesIn))).flat()
  const texts = await Promise.all(files.map(async (file) => await readFile(file, 'utf8')))
  return texts.map((text) => `${text}\n`).join('')
}

async function filesIn(path: string): Promise<string[]> {
  const kind = await stat(path).catch(() => undefined)
  if (kind === undefined || kind.isFile()) return kind === undefined ? [] : [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Passes apt's user names and passwords to the build, in files that `customize` removes. */
export const setUp = `#!/bin/sh
set -eu
umask 022
root=$1
here=$(dirname "$0")
mkdir -p "$root/etc/apt/apt.conf.d"
install -m 600 "$here/auth.conf" "$root/etc/apt/auth.conf"
install -m 600 "$here/private-apt.conf" "$root/etc/apt/apt.conf.d/99private"
`

export function customize(release: Release): string {
  // OpenSSH 9.8 and later blocks an address after a few failed logins, which some tests cause on purpose
  const sshSettings = release === 'bookworm' ? '' : 'PerSourcePenalties no'
  return `#!/bin/sh
set -eu
umask 022
root=$1
here=$(dirname "$0")

rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
install -m 644 "$here/debian.sources" "$root/etc/apt/sources.list.d/debian.sources"
rm -f "$root/etc/apt/auth.conf" "$root/etc/apt/apt.conf.d/99private"
if [ -d ${certificates} ]; then cp -R ${certificates}/. "$root${certificates}/"; fi
echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/90no-translations"
echo '${sshSettings}' >"$root/etc/ssh/sshd_config.d/sandbox.conf"
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/deploy"
chmod 440 "$root/etc/sudoers.d/deploy"
rm -f "$root"/etc/ssh/ssh_host_*
# its access control list contains user IDs, which isolation changes; systemd creates the list again
rm -rf "$root/var/log/journal"
install -d -m 2755 "$root/var/log/journal"
: >"$root/etc/machine-id"

chroot "$root" update-ca-certificates >/dev/null
chroot "$root" useradd --uid 1000 --create-home --shell /bin/bash deploy
# the console is a log file; the timers would take dpkg's lock at unpredictable times
chroot "$root" systemctl --quiet mask console-getty.service apt-daily.timer apt-daily-upgrade.timer
`
}
