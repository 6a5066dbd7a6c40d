import compareBuild from 'semver/functions/compare-build.js'
import valid from 'semver/functions/valid.js'

/**
 * Compares tags as versions: v1.9 is before v1.10, and a pre-release before its release. Missing parts are zero, and a
 * prefix of the number is ignored. Names that are not versions come first, in the order of the numbers in them.
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

/** Parses a version loosely: v2026.01.09 and 1.2rc1 are versions too. */
function versionOf(tag: string): string | undefined {
  const [, core = '', rest = ''] = /^\D*(\d+(?:\.\d+){0,2})(?![.\d])(.*)$/s.exec(tag) ?? []
  const missing = 3 - core.split('.').length
  return core === '' ? undefined : (valid(`${core}${'.0'.repeat(missing)}${rest}`, true) ?? undefined)
}

/** Created on demand, because loading ICU's data takes longer than comparing the tags of most runs. */
let byNumbers: Intl.Collator | undefined

function compareNames(one: string, other: string): number {
  byNumbers ??= new Intl.Collator('en', { numeric: true })
  return byNumbers.compare(one, other) || (one < other ? -1 : Number(one > other))
}
