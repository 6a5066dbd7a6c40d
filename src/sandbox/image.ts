import { access, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../process-lock.ts'
import { home } from './home.ts'
import { fingerprint, recipeFor, type ImageRecipe } from './image-recipe.ts'
import { run } from './local.ts'
import { readRecord, recordedNames } from './record.ts'
import type { Release } from './release.ts'
import { snapshots } from './snapshot-store.ts'

/** The folder of a release's base system; the first of the processes that want it builds it. */
export async function ensureImage(release: Release, onProgress: (line: string) => void): Promise<string> {
  const image = home('images', `${release}-${await fingerprint(release)}`)
  if (await exists(image)) return image
  await withLock(
    home('images', `${release}.lock`),
    async () => {
      if (!(await exists(image))) await build(await recipeFor(release), image, onProgress)
    },
    () => {
      onProgress(`waiting for another process that builds the image of ${release}`)
    },
  )
  return image
}

async function build(recipe: ImageRecipe, image: string, onProgress: (line: string) => void): Promise<void> {
  onProgress(`building the image of ${recipe.release}, once; this takes less than a minute`)
  await removeUnfinished(recipe.release)
  const workshop = await mkdtemp(home('images', `unfinished-${recipe.release}-`))
  const [root, sources, aptConfiguration, customize] = [
    'root',
    'debian.sources',
    'apt.conf',
    'customize',
  ].map((name) => join(workshop, name)) as [string, string, string, string]
  await writeFile(sources, recipe.sources)
  await writeFile(aptConfiguration, recipe.aptConfiguration)
  await writeFile(customize, recipe.customize, { mode: 0o700 })
  const from = recipe.sources === '' ? [] : [sources]
  await run`mmdebstrap --quiet --variant=minbase --include=${recipe.packages.join(',')} --aptopt=${aptConfiguration} --customize-hook=${customize} ${recipe.release} ${root} ${from} </dev/null`
  await rename(root, image)
  await rm(workshop, { recursive: true })
  await removeOutdated(recipe.release, image)
}

/** Images of other recipes, but for those that a machine or a snapshot stands on. */
async function removeOutdated(release: Release, current: string): Promise<void> {
  const machines = await Promise.all((await recordedNames()).map(readRecord))
  const used = new Set([...machines, ...(await snapshots())].flatMap((user) => user?.layers ?? []))
  for (const entry of await readdir(home('images'))) {
    const image = home('images', entry)
    if (entry.startsWith(`${release}-`) && image !== current && !used.has(image))
      await rm(image, { recursive: true })
  }
}

/** What a builder that was killed left behind. */
async function removeUnfinished(release: Release): Promise<void> {
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
