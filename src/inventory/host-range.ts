/**
 * Returns the hosts of `www[01:50].example.com`, `db-[a:f]`, `[1:9:2]`, `host:2222`. Throws RangeError if the range
 * is invalid.
 */
export function expandHosts(text: string): { name: string; port?: number }[] {
  const { host, port } = splitPort(text)
  const names = expand(host)
  const wrong = names.find((name) => !/^[\p{L}\p{N}_:][\p{L}\p{N}_.:%-]*$/u.test(name))
  if (wrong !== undefined) throw new RangeError(`invalid host name '${wrong}'`)
  return names.map((name) => (port === undefined ? { name } : { name, port }))
}

function splitPort(text: string): { host: string; port?: number } {
  const bracketed = /^\[([0-9a-fA-F:.%]*:[0-9a-fA-F:.%]*:[^\]]*)\](?::(\d+))?$/.exec(text)
  const plain = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(text)
  const [, host, digits] = bracketed ?? plain ?? []
  if (host === undefined) return { host: text }
  if (digits === undefined) return { host }
  const port = Number(digits)
  if (port < 1 || port > 65535) throw new RangeError(`'${text}': invalid port ${digits}`)
  return { host, port }
}

function expand(text: string): string[] {
  const found = /^(.*?)\[([^\]]*)\](.*)$/.exec(text)
  if (found === null) return [text]
  const [, before = '', range = '', after = ''] = found
  const rests = expand(after)
  return values(range, text).flatMap((value) => rests.map((rest) => before + value + rest))
}

function values(range: string, text: string): string[] {
  const parts = /^(\d+|[a-z]|[A-Z]):(\d+|[a-z]|[A-Z])(?::(\d+))?$/.exec(range)
  if (parts === null)
    throw new RangeError(`'${text}': invalid range [${range}]: write [01:50], [a:f] or [01:50:2]`)
  const [, from = '', to = '', step = '1'] = parts
  const isNumber = /\d/.test(from)
  if (isNumber !== /\d/.test(to)) throw new RangeError(`'${text}': [${range}] mixes a number and a letter`)
  const number = (one: string): number => (isNumber ? Number(one) : one.charCodeAt(0))
  const [first, last, stride] = [number(from), number(to), Number(step)]
  if (last < first) throw new RangeError(`'${text}': [${range}] ends before it begins`)
  if (stride === 0) throw new RangeError(`'${text}': the step of [${range}] is zero`)
  if ((last - first) / stride > 65_536) throw new RangeError(`'${text}': [${range}] has too many hosts`)
  const width = from.startsWith('0') && from.length > 1 ? from.length : 0
  const count = Math.floor((last - first) / stride) + 1
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * stride
    return isNumber ? String(value).padStart(width, '0') : String.fromCharCode(value)
  })
}
