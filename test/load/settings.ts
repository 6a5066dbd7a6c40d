import { BlockList, isIP, isIPv6 } from 'node:net'

/** The number of concurrent clients of each kind. */
export interface Crowd {
  /** Clients of the fast page, which repeat their request after each answer. */
  readonly page: number
  /** Requests per second for the fast page, which do not wait for previous answers. */
  readonly arrivals: number
  /** Clients of a page that takes three seconds. */
  readonly slow: number
  /** Clients that post a form and expect to see what they posted. */
  readonly form: number
  /** Clients of a static file. */
  readonly file: number
  /** Clients of the fast page whose connection is idle for a moment after each answer. */
  readonly idle: number
}

export type VisitorKind = keyof Crowd

export const visitorKinds: readonly VisitorKind[] = ['page', 'arrivals', 'slow', 'form', 'file', 'idle']

/** A release, as its answers identify it. */
export interface LiveRelease {
  /** Its id in the header X-Release, or the end of the id while the rest is not known yet. */
  readonly release: string
  /** The version that its pages show. */
  readonly version: string
}

export interface LoadSettings {
  /** An IP address, never a name: nothing is looked up. */
  readonly address: string
  readonly port?: number
  /** The value of the Host header. */
  readonly host: string
  /** The live release when the load starts. */
  readonly live: LiveRelease
  /** The clients; by default, enough of each kind to keep a small machine half busy. */
  readonly crowd?: Partial<Crowd>
  /** Pages of a site other than the application of these tests, by the kind of client that requests them. */
  readonly pages?: Partial<Record<VisitorKind, string>>
  /** Seconds after which an unanswered request is lost. */
  readonly patience?: number
  /** The number of requests after which the load ends. */
  readonly maximumRequests?: number
  /** The seconds after which the load ends. */
  readonly maximumSeconds?: number
}

const usualCrowd: Crowd = { page: 3, arrivals: 40, slow: 3, form: 2, file: 2, idle: 4 }

const throwAway = new BlockList()
throwAway.addSubnet('127.0.0.0', 8, 'ipv4')
throwAway.addSubnet('10.0.0.0', 8, 'ipv4')
throwAway.addAddress('::1', 'ipv6')

export interface CompleteSettings extends Required<LoadSettings> {
  readonly crowd: Crowd
}

/** Completes the settings with their defaults. Refuses addresses other than loopback and throw-away machines. */
export function complete(settings: LoadSettings): CompleteSettings {
  const { address } = settings
  const isOurs = isIP(address) !== 0 && throwAway.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  if (!isOurs) throw new Error(`${address} is neither loopback nor the address of a throw-away machine`)
  const crowd =
    settings.crowd === undefined
      ? usualCrowd
      : { page: 0, arrivals: 0, slow: 0, form: 0, file: 0, idle: 0, ...settings.crowd }
  const usual = { port: 80, pages: {}, patience: 30, maximumRequests: 100_000, maximumSeconds: 600 }
  return { ...usual, ...settings, crowd }
}
