/** The tags to run and to skip; by default, everything except tasks tagged `never`. */
export interface TagSelection {
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
}

/** Tags with a special meaning. */
export const specialTags = ['always', 'never', 'tagged', 'untagged', 'all'] as const

/** Returns whether a node with these tags runs. */
export function selectTags(tags: readonly string[], { tags: wanted, skipTags }: TagSelection): boolean {
  return isWanted(tags, wanted.length === 0 ? ['all'] : wanted) && !isSkipped(tags, skipTags)
}

function isWanted(tags: readonly string[], wanted: readonly string[]): boolean {
  if (tags.includes('always') || tags.some((tag) => wanted.includes(tag))) return true
  if (tags.includes('never')) return false
  return wanted.includes('all') || wanted.includes(tags.length === 0 ? 'untagged' : 'tagged')
}

function isSkipped(tags: readonly string[], skipped: readonly string[]): boolean {
  if (tags.some((tag) => skipped.includes(tag))) return true
  if (skipped.includes('all')) return !tags.includes('always')
  return skipped.includes(tags.length === 0 ? 'untagged' : 'tagged')
}
