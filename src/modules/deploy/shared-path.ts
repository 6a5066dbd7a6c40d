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
  .refine((path) => !ours.has(path), 'is reserved for the release itself')

/** Rejects a shared path that is equal to another or inside of it: it would be linked twice. */
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

/**
 * Fails the script if a directory above the path is a symlink in the unpacked release, the working directory: it could
 * point out of the release.
 */
export function demandNoLinkAbove(path: string): Script {
  return joinScripts(
    foldersAbove(path).map(
      (folder) => sh`
        if [ -h ${folder} ]; then
          printf '%s\\n' ${`${path} cannot be shared: ${folder} is a symlink in the release`} >&2
          exit 1
        fi
      `,
    ),
  )
}

/** Replaces a path in the unpacked release, the working directory, by a symlink to the same path in `shared`. */
export function linkShared(path: string): Script {
  const up = '../'.repeat(path.split('/').length + 1)
  return sh`
    rm -rf -- ${path}
    mkdir -p -- ${foldersAbove(path).at(-1) ?? '.'}
    ln -s -- ${`${up}shared/${path}`} ${path}
  `
}

/** Returns "a" and "a/b" for "a/b/c". */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
