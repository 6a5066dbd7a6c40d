import compareBuild from 'semver/functions/compare-build.js'
import valid from 'semver/functions/valid.js'

/**
 * The order of tags as versions: v1.9 before v1.10, a pre-release before its release. Missing parts are zero,
 * whatever stands before the number is not looked at. Names that are no versions go first, with their numbers as numbers.
 */
export function compareVersions(one: string, other: string): number {
  const [version, otherVersion] = [versionOf(one), versionOf(other)]
  if (version !== undefined && otherVersion !== undefined)
    return compareBuild(version, otherVersion, true) || compareNames(one, other)
  if (version === undefined && otherVersion === undefined) return compareNames(one, other)
  return version === undefined ? -1 : 1
}

export function inVersionOrder(tags: Iterable<string>): string[] {
  return [...tags].sort(compareVersions)
}

/** Parsed loosely: v2026.01.09 and 1.2rc1 are versions too. */
function versionOf(tag: string): string | undefined {
  const [, core = '', rest = ''] = /^\D*(\d+(?:\.\d+){0,2})(?![.\d])(.*)$/s.exec(tag) ?? []
  const missing = 3 - core.split('.').length
  return core === '' ? undefined : (valid(`${core}${'.0'.repeat(missing)}${rest}`, true) ?? undefined)
}

/** Made when it is needed: it loads ICU's data, which takes longer than most runs compare tags. */
let byNumbers: Intl.Collator | undefined

function compareNames(one: string, other: string): number {
  byNumbers ??= new Intl.Collator('en', { numeric: true })
  return byNumbers.compare(one, other) || (one < other ? -1 : Number(one > other))
}
