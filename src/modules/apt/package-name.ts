import * as z from 'zod'

import { isDebianName } from '../../state/package/apt.ts'
import { globMatcher } from '../../text/glob.ts'
import { stringList } from '../definition/parameters.ts'

/** A package in a task: `nginx`, `libc6:i386`, `nginx=1.22.1-9`, `nginx=1.22*`, `nginx=1.2?.*-9`. */
export interface WantedPackage {
  readonly name: string
  readonly version?: string
}

export const packageList = packagesNamed(isDebianName)

/** Packages of a package manager that is unknown yet: if it does not allow a name, the task fails on the host. */
export const neutralPackageList = packagesNamed((name) => /^[\w.+:@-]+$/.test(name) && !name.startsWith('-'))

function packagesNamed(isName: (name: string) => boolean) {
  return stringList.transform((specifications, context): WantedPackage[] =>
    specifications.map((text) => {
      const [name = '', version] = text.split('=')
      if (isName(name) && !text.endsWith('.deb') && isUsable(version))
        return { name, ...(version === undefined ? {} : { version }) }
      context.addIssue({ code: 'custom', message: problemOf(text, name) })
      return z.NEVER
    }),
  )
}

/** Compares a version with that of a task, which may be a pattern. An unknown version counts as the wanted one. */
export function isVersion(version: string | undefined, wanted: string | undefined): boolean {
  if (version === undefined || version === wanted) return true
  return wanted !== undefined && isVersionPattern(wanted) && globMatcher(wanted, 'sets')(version)
}

/** Returns true for a version in which apt matches `*`, `?` and sets like `[0-9]`. */
export function isVersionPattern(version: string): boolean {
  return /[*?[]/.test(version)
}

export function specification({ name, version }: WantedPackage): string {
  return version === undefined ? name : `${name}=${version}`
}

function isUsable(version: string | undefined): boolean {
  if (version === undefined) return true
  try {
    globMatcher(version, 'sets')
  } catch {
    return false
  }
  return version !== '' && !/[\s/]/.test(version)
}

function problemOf(text: string, name: string): string {
  if (/[*?[]/.test(name))
    return `invalid package name '${text}': a pattern could match other packages on every run; name each package`
  if (/[<>~]/.test(text)) return `invalid package name '${text}': write a version as name=1.2.3 or name=1.2*`
  if (text.endsWith('.deb')) return `'${text}' is a file: use the parameter deb`
  return `invalid package name '${text}'`
}
