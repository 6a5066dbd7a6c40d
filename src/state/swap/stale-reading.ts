/** The exit code of a step that replaces nothing because the host is not as the engine read it. */
export const staleReading = 79
