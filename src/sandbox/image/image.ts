import { access, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { UserError } from '../../errors.ts'
import { withLock } from '../../process-lock.ts'
import { hostsWithPassword, serversIn, withoutPasswords } from '../apt-sources.ts'
import type { Release } from '../debian-release.ts'
import { joinGroup, kill } from '../machine/control-group.ts'
import { userRange } from '../machine/isolation.ts'
import { idOfFolder, readRecord, recordedNames } from '../machine/machine-record.ts'
import { home } from '../machines-folder.ts'
import { attempt } from '../run-command.ts'
import { fingerprint, recipeFor, setUp, type ImageRecipe } from './image-recipe.ts'
import { snapshots } from './snapshot-store.ts'

export interface ImageOptions {
  /** True if the files of the image belong to the users of isolated machines. */
  readonly isolated: boolean
  readonly onProgress: (line: string) => void
  /** Cancels the build, and waiting for a build of another process. */
  readonly signal?: AbortSignal
}

/** Returns the folder of a release's base system. The first process that needs it builds it. */
export async function ensureImage(release: Release, options: ImageOptions): Promise<string> {
  const image = home('images', `${release}-${await fingerprint(release, options.isolated)}`)
  if (await exists(image)) return image
  await withLock(
    home('images', `${release}.lock`),
    async () => {
      if (!(await exists(image))) await build(await recipeFor(release), image, options)
    },
    {
      ...options,
      onWait: () => {
        options.onProgress(`waiting for another process that builds the image of ${release}`)
      },
    },
  )
  return image
}

async function build(recipe: ImageRecipe, image: string, options: ImageOptions): Promise<void> {
  const { release } = recipe
  options.onProgress(`building the image of ${release}, once; this takes less than a minute`)
  await removeUnfinished(release)
  const workshop = await mkdtemp(home('images', `unfinished-${release}-`))
  try {
    await install(recipe, workshop, options)
    await rename(join(workshop, 'root'), image)
  } finally {
    await removeUnfinished(release)
  }
  await removeOutdated(release, image)
  const mirrors = serversIn(recipe.sources).map(({ host }) => host)
  for (const host of new Set(hostsWithPassword(recipe.aptCredentials, mirrors)))
    options.onProgress(
      `apt's password for ${host} stays on your computer: apt in machines cannot install from there`,
    )
}

/** A script that builds an image. nspawn changes the owners of the files before it starts a command, here `true`. */
export const builder = `set -eu
id=$1 root=$2 users=$3
shift 3
${joinGroup}
mmdebstrap "$@" </dev/null
[ -n "$users" ] || exit 0
mount -t tmpfs tmpfs /run
exec systemd-nspawn --quiet --directory="$root" --machine="$id" \\
  --private-users="$users" --private-users-ownership=chown --private-network \\
  --register=no --keep-unit --resolv-conf=off --timezone=off --link-journal=no --pipe /bin/true </dev/null
`

/** Creates the system in the folder `root` of the build folder. */
async function install(recipe: ImageRecipe, workshop: string, options: ImageOptions): Promise<void> {
  const inWorkshop = (name: string): string => join(workshop, name)
  const root = inWorkshop('root')
  await Promise.all([
    writeFile(inWorkshop('debian.sources'), recipe.sources),
    writeFile(inWorkshop('apt.conf'), recipe.aptConfiguration),
    writeFile(inWorkshop('private-apt.conf'), recipe.privateAptConfiguration, { mode: 0o600 }),
    writeFile(inWorkshop('auth.conf'), recipe.aptCredentials, { mode: 0o600 }),
    writeFile(inWorkshop('set-up'), setUp, { mode: 0o700 }),
    writeFile(inWorkshop('customize'), recipe.customize, { mode: 0o700 }),
  ])
  const settings = [
    ...['--variant=minbase', `--include=${recipe.packages.join(',')}`],
    ...[`--aptopt=${inWorkshop('apt.conf')}`, `--setup-hook=${inWorkshop('set-up')}`],
    ...[`--customize-hook=${inWorkshop('customize')}`, recipe.release, root, inWorkshop('debian.sources')],
  ]
  const { signal } = options
  signal?.throwIfAborted()
  const group = builderId(recipe.release)
  let killed = Promise.resolve()
  const stop = (): void => {
    killed = kill(group)
  }
  signal?.addEventListener('abort', stop)
  const made = [group, root, options.isolated ? userRange : '']
  const { exitCode, stderr } = await attempt(signal)`unshare --mount sh -c ${builder} sh ${made} ${settings}`
  signal?.removeEventListener('abort', stop)
  await killed
  signal?.throwIfAborted()
  if (exitCode !== 0) throw buildError(recipe.release, stderr)
}

/** Returns an error with the lines of mmdebstrap's log that begin with `E:`, or else with its last lines. */
function buildError(release: Release, said: string): UserError {
  const lines = said.trim().split('\n')
  const complaints = lines.filter((line) => line.startsWith('E: '))
  const shown = complaints.length === 0 ? lines.slice(-20) : complaints
  return new UserError(
    `the image of ${release} could not be built:\n${shown.map(withoutPasswords).join('\n')}`,
    {
      hint: "check the archives, proxies and certificates of this machine's apt, which mmdebstrap uses",
    },
  )
}

/** Returns the control group of all processes that build the image of the release. */
function builderId(release: Release): string {
  return idOfFolder(home('images', release))
}

/** Removes images of other recipes, except those that a machine or a snapshot is based on. */
async function removeOutdated(release: Release, current: string): Promise<void> {
  const machines = await Promise.all((await recordedNames()).map(readRecord))
  const used = new Set([...machines, ...(await snapshots())].flatMap((user) => user?.layers ?? []))
  for (const entry of await readdir(home('images'))) {
    const image = home('images', entry)
    if (entry.startsWith(`${release}-`) && image !== current && !used.has(image))
      await rm(image, { recursive: true })
  }
}

/** Removes unfinished images, and terminates a builder that still runs after its parent was killed. */
async function removeUnfinished(release: Release): Promise<void> {
  await kill(builderId(release))
  for (const entry of await readdir(home('images')))
    if (entry.startsWith(`unfinished-${release}-`))
      await rm(home('images', entry), { recursive: true, force: true })
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
