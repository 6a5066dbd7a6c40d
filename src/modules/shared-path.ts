import * as z from 'zod'

import { sh, type Script } from '../target/sh.ts'

/** A path in a release, e.g. "storage" or "public/uploads". */
export const sharedPath = z
  .string()
  .transform((path) => path.replaceAll(/\/+/g, '/').replace(/\/$/, ''))
  .refine(
    (path) =>
      path !== '' && !path.startsWith('/') && path.split('/').every((part) => !/^\.{0,2}$/.test(part)),
    'expected a path in the release, e.g. storage or public/uploads',
  )

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

/** In the unpacked release, which is the working directory: the link to the shared thing in the place of what the release has there. */
export function linkShared(path: string): Script {
  const up = '../'.repeat(path.split('/').length + 1)
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  return sh`
    rm -rf -- ${path}
    mkdir -p -- ${folder}
    ln -s -- ${`${up}shared/${path}`} ${path}
  `
}
