const symbolicClause = /^([ugoa]*)(([-+=])([rwxXst]*|[ugo]))+$/
const umask = 0o022

/** Converts a mode from a playbook to four octal digits or symbols. Returns undefined if it is invalid or ambiguous. */
export function parseMode(value: string | number): string | undefined {
  if (typeof value === 'number') return modeOfNumber(value)
  const text = value.trim()
  if (/^(0o)?[0-7]{3,4}$|^0[0-7]{4}$/.test(text)) return text.replace('0o', '').slice(-4).padStart(4, '0')
  return text !== '' && text.split(',').every((clause) => symbolicClause.test(clause)) ? text : undefined
}

export function isSymbolic(mode: string): boolean {
  return !/^[0-7]{4}$/.test(mode)
}

/** Applies a mode to a file whose mode is `current`. Returns four octal digits. */
export function resolveMode(mode: string, current: string, directory: boolean): string {
  if (!isSymbolic(mode)) return mode
  const bits = mode
    .split(',')
    .reduce((now, clause) => applyClause(clause, now, directory), parseInt(current, 8))
  return bits.toString(8).padStart(4, '0')
}

/**
 * Guesses the notation, because YAML reads 0644 as 644 and 0o644 as 420: the author meant the one in which the owner
 * has all rights of the group, and the group all rights of others. 511 is ambiguous: 0511 or 0o777.
 */
function modeOfNumber(value: number): string | undefined {
  if (!Number.isInteger(value) || value < 0 || value === 0o777) return undefined
  const [digits, octal] = [String(value), value.toString(8)].map((text) => text.padStart(4, '0'))
  return [digits, octal].find((text) => text !== undefined && isUsual(text))
}

function isUsual(mode: string): boolean {
  if (!/^[0-7]{4}$/.test(mode)) return false
  const [owner = 0, group = 0, other = 0] = mode.slice(1).split('').map(Number)
  return (group & ~owner) === 0 && (other & ~group) === 0
}

function applyClause(clause: string, current: number, directory: boolean): number {
  const who = /^[ugoa]*/.exec(clause)?.[0] ?? ''
  const actions = clause.slice(who.length).matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)
  let bits = current
  for (const [, operator = '', permissions = ''] of actions)
    bits = applyAction(who, operator, permissions, bits, directory)
  return bits
}

const classes = new Map([
  ['u', 0o4700],
  ['g', 0o2070],
  ['o', 0o1007],
  ['a', 0o7777],
])

const permissionsOf = new Map([
  ['r', 0o444],
  ['w', 0o222],
  ['x', 0o111],
  ['s', 0o6000],
  ['t', 0o1000],
])

// As with chmod, a directory keeps its set-id bits unless the mode names them.
function applyAction(
  who: string,
  operator: string,
  permissions: string,
  current: number,
  directory: boolean,
): number {
  const affected = who.split('').reduce((mask, one) => mask | (classes.get(one) ?? 0), 0)
  const named = bitsOf(permissions, current, directory)
  const reach = affected === 0 ? 0o7777 & ~umask : affected
  const kept = directory ? 0o6000 & ~(named & reach) : 0
  const bits = named & reach & ~kept
  if (operator === '+') return current | bits
  if (operator === '-') return current & ~bits
  return (current & ((affected === 0 ? 0 : ~affected) | kept)) | bits
}

function bitsOf(permissions: string, current: number, directory: boolean): number {
  if (permissions === 'u') return ((current >> 6) & 7) * 0o111
  if (permissions === 'g') return ((current >> 3) & 7) * 0o111
  if (permissions === 'o') return (current & 7) * 0o111
  const conditional = permissions.includes('X') && (directory || (current & 0o111) !== 0) ? 0o111 : 0
  return permissions.split('').reduce((bits, one) => bits | (permissionsOf.get(one) ?? 0), conditional)
}
