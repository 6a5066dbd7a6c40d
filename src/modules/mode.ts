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

function applyAction(
  who: string,
  operator: string,
  permissions: string,
  current: number,
  directory: boolean,
): number {
  const everyone = who === '' || who.includes('a')
  const classes = ['u', 'g', 'o'].filter((one) => everyone || who.includes(one))
  const wanted =
    permissionBits(permissions, classes, everyone, current, directory) & ~(who === '' ? umask : 0)
  if (operator === '+') return current | wanted
  if (operator === '-') return current & ~wanted
  const replaced = classes.reduce(
    (mask, one) => mask | classMask(one, directory),
    (everyone && !directory) || who === '' ? 0o1000 : 0,
  )
  return (current & ~replaced) | wanted
}

function permissionBits(
  permissions: string,
  classes: readonly string[],
  everyone: boolean,
  current: number,
  directory: boolean,
): number {
  let triple = 0
  if (/^[ugo]$/.test(permissions)) triple = (current >> shift(permissions)) & 7
  if (permissions.includes('r')) triple |= 4
  if (permissions.includes('w')) triple |= 2
  if (permissions.includes('x') || (permissions.includes('X') && (directory || (current & 0o111) !== 0)))
    triple |= 1
  let bits = classes.reduce((sum, one) => sum | (triple << shift(one)), 0)
  if (permissions.includes('s') && classes.includes('u')) bits |= 0o4000
  if (permissions.includes('s') && classes.includes('g')) bits |= 0o2000
  if (permissions.includes('t') && everyone) bits |= 0o1000
  return bits
}

// chmod leaves the set-id bits of a directory alone when it assigns.
function classMask(one: string, directory: boolean): number {
  const special = directory ? 0 : one === 'u' ? 0o4000 : one === 'g' ? 0o2000 : 0
  return (7 << shift(one)) | special
}

function shift(one: string): number {
  return one === 'u' ? 6 : one === 'g' ? 3 : 0
}
