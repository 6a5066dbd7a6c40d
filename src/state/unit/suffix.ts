export const suffix = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/
