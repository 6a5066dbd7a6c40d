/** The Debian releases that a throw-away machine can be. */
export const releases = ['bookworm', 'trixie'] as const

export type Release = (typeof releases)[number]
