const integer = /^[-+]?(0|[1-9][0-9]*)$/
const hexadecimal = /^0x[0-9a-fA-F]+$/
// As in YAML 1.1 a float has a point, so that an abbreviated commit such as 12e4567 stays a string.
const float = /^[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/
const special = /^([-+]?)\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/
const isTrue = /^(true|True|TRUE|yes|Yes|YES|on|On|ON)$/
const isFalse = /^(false|False|FALSE|no|No|NO|off|Off|OFF)$/
const isNull = /^(|~|null|Null|NULL)$/

/**
 * Returns the value of an unquoted scalar: the booleans of YAML 1.1, the numbers of YAML 1.2. An integer with a
 * leading zero or `0o` stays a string, because it is a mode; so does one that exceeds the range of numbers.
 */
export function plainValue(text: string): unknown {
  if (isNull.test(text)) return null
  if (isTrue.test(text)) return true
  if (isFalse.test(text)) return false
  if (integer.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) + 0 : text
  if (hexadecimal.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text
  if (float.test(text)) return Number.isFinite(Number(text)) ? Number(text) : text
  const infinite = special.exec(text)
  if (infinite === null) return text
  if (infinite[3] !== undefined) return Number.NaN
  return infinite[1] === '-' ? -Infinity : Infinity
}
