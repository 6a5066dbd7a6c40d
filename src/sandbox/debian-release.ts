/** The Debian releases that a throw-away machine can run. */
export const releases = ['bookworm', 'trixie'] as const

export type Release = (typeof releases)[number]
