/** The bytes that a script may print on each of stdout and stderr. The controller holds them in memory. */
export const outputLimit = 16 * 1024 * 1024

/** The limit as messages show it. */
export const shownOutputLimit = `${outputLimit / 1024 / 1024} MB`
