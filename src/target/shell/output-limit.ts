/** Bytes that a script may print on stdout, and as many on stderr. The controller holds all of them in memory, for every host at once. */
export const outputLimit = 16 * 1024 * 1024

/** The limit as messages say it. */
export const shownOutputLimit = `${outputLimit / 1024 / 1024} MB`
