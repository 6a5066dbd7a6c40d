import * as z from 'zod'

import { isDebianName } from '../../state/package/debian.ts'
import { stringList } from '../definition/parameters.ts'

/** A package as a task names it: `nginx`, `libc6:i386`, `nginx=1.22.1-9`, `nginx=1.22*`. */
export interface WantedPackage {
  readonly name: string
  readonly version?: string
}

/** Packages of Debian. */
export const packageList = packagesNamed(isDebianName)

/** Packages of a manager that is not known yet: a name that it does not allow fails on the host. */
export const neutralPackageList = packagesNamed((name) => /^[\w.+:@-]+$/.test(name) && !name.startsWith('-'))

function packagesNamed(isName: (name: string) => boolean) {
  return stringList.transform((specifications, context): WantedPackage[] =>
    specifications.map((text) => {
      const [name = '', version] = text.split('=')
      if (isName(name) && !text.endsWith('.deb') && version !== '' && !/[\s/]/.test(version ?? ''))
        return { name, ...(version === undefined ? {} : { version }) }
      context.addIssue({ code: 'custom', message: problemOf(text, name) })
      return z.NEVER
    }),
  )
}

/** Whether a version is the wanted one, which may end in `*`. */
export function isVersion(version: string | undefined, wanted: string): boolean {
  if (version === undefined) return true
  return wanted.endsWith('*') ? version.startsWith(wanted.slice(0, -1)) : version === wanted
}

export function specification({ name, version }: WantedPackage): string {
  return version === undefined ? name : `${name}=${version}`
}

function problemOf(text: string, name: string): string {
  if (/[*?[]/.test(name))
    return `'${text}' is a pattern: it can match other packages on every run; name each package`
  if (/[<>~]/.test(text)) return `'${text}': a version is given as name=1.2.3 or name=1.2*`
  if (text.endsWith('.deb')) return `'${text}' is a file: use the parameter deb`
  return `'${text}' is not the name of a package`
}
