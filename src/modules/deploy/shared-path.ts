import * as z from 'zod'

import { joinScripts, sh, type Script } from '../../target/sh.ts'

const ours: ReadonlySet<string> = new Set(['release.json', 'fpm.sock'])

/** A path in a release, e.g. "storage" or "public/uploads". */
export const sharedPath = z
  .string()
  .transform((path) => path.replaceAll(/\/+/g, '/').replace(/\/$/, ''))
  .refine(
    (path) =>
      path !== '' && !path.startsWith('/') && path.split('/').every((part) => !/^\.{0,2}$/.test(part)),
    'expected a path in the release, e.g. storage or public/uploads',
  )
  .refine((path) => !ours.has(path), 'belongs to the release itself')

/** One shared thing in another would be linked twice. */
export function demandSeparate(paths: readonly string[], context: z.RefinementCtx): void {
  const sorted = paths.toSorted()
  sorted.forEach((path, index) => {
    const inside = sorted.slice(index + 1).find((other) => other === path || other.startsWith(`${path}/`))
    if (inside === undefined) return
    const message =
      inside === path ? `'${path}' is shared twice` : `'${inside}' is in '${path}', which is shared`
    context.addIssue({ code: 'custom', message })
  })
}

/** In the unpacked release, which is the working directory: a link of its own on the way would lead out of it. */
export function demandNoLinkAbove(path: string): Script {
  return joinScripts(
    foldersAbove(path).map(
      (folder) => sh`
        if [ -h ${folder} ]; then
          printf '%s\\n' ${`${path} cannot be shared: ${folder} is a link in the release`} >&2
          exit 1
        fi
      `,
    ),
  )
}

/** There: the link to the shared thing in the place of what the release has. */
export function linkShared(path: string): Script {
  const up = '../'.repeat(path.split('/').length + 1)
  return sh`
    rm -rf -- ${path}
    mkdir -p -- ${foldersAbove(path).at(-1) ?? '.'}
    ln -s -- ${`${up}shared/${path}`} ${path}
  `
}

/** "a" and "a/b" of "a/b/c" */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
