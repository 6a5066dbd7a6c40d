const symbolicClause = /^([ugoa]*)(([-+=])([rwxXst]*|[ugo]))+$/
const umask = 0o022

/** A mode as a playbook may write it, as four octal digits or symbols; undefined when it is none, or has two meanings. */
export function parseMode(value: string | number): string | undefined {
  if (typeof value === 'number') return modeOfNumber(value)
  const text = value.trim()
  if (/^(0o)?[0-7]{3,4}$|^0[0-7]{4}$/.test(text)) return text.replace('0o', '').slice(-4).padStart(4, '0')
  return text !== '' && text.split(',').every((clause) => symbolicClause.test(clause)) ? text : undefined
}

export function isSymbolic(mode: string): boolean {
  return !/^[0-7]{4}$/.test(mode)
}

/** The four octal digits that a mode gives to something that has `current` now. */
export function resolveMode(mode: string, current: string, directory: boolean): string {
  if (!isSymbolic(mode)) return mode
  const bits = mode
    .split(',')
    .reduce((now, clause) => applyClause(clause, now, directory), parseInt(current, 8))
  return bits.toString(8).padStart(4, '0')
}

/**
 * YAML reads 0644 as the number 644 and 0o644 as 420: the reading under which the owner may do no less than the group,
 * and the group no less than the others, is what the author meant. 511 is both 0511 and 0o777.
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

// A directory keeps its set-id bits unless they are named, as with chmod.
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
