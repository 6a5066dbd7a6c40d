import { UserError } from '../../errors.ts'

/** The address pool of machines; each gets a /30. */
export const pool = '10.213.0.0/16'

/** The two addresses of a machine's network. */
export interface Subnet {
  /** The outer machine's address. */
  readonly outer: string
  /** The throw-away machine's address. */
  readonly inner: string
}

/** Returns the first /30 of the pool that does not overlap a route of the outer machine. */
export function freeSubnet(destinations: readonly string[]): Subnet {
  const taken = destinations.filter((destination) => /^[\d.]+(\/\d+)?$/.test(destination)).map(range)
  const all = range(pool)
  for (let first = all.first; first <= all.last; first += 4) {
    const last = first + 3
    if (taken.some((other) => first <= other.last && other.first <= last)) continue
    return { outer: dotted(first + 1), inner: dotted(first + 2) }
  }
  throw new UserError(`no free address in ${pool}`, {
    hint: 'run hostwright sandbox list to see the machines, and ip route to see other users of these addresses',
  })
}

interface Range {
  readonly first: number
  readonly last: number
}

function range(network: string): Range {
  const [address = '', bits = '32'] = network.split('/')
  const parts = address.split('.').map(Number)
  const start = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + (parts[index] ?? 0), 0)
  const size = 2 ** (32 - Number(bits))
  const first = start - (start % size)
  return { first, last: first + size - 1 }
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
