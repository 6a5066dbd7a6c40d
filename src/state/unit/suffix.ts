/** Matches the suffix of a unit name. */
export const suffix = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/
