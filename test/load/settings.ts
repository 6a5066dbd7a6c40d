import { BlockList, isIP, isIPv6 } from 'node:net'

/** How many clients of each kind visit the site side by side. */
export interface Crowd {
  /** Clients of the fast page, which ask again as soon as they are answered. */
  readonly page: number
  /** Requests a second for the fast page, which come whether or not the ones before are answered. */
  readonly arrivals: number
  /** Clients of a page that takes three seconds. */
  readonly slow: number
  /** Clients that post a form and want to see what they posted. */
  readonly form: number
  /** Clients of a static file. */
  readonly file: number
  /** Clients of the fast page whose connection lies idle for a moment after each answer. */
  readonly idle: number
}

export type VisitorKind = keyof Crowd

export const visitorKinds: readonly VisitorKind[] = ['page', 'arrivals', 'slow', 'form', 'file', 'idle']

/** A release as its answers tell it. */
export interface LiveRelease {
  /** Its id, or the end of it while the rest is not known yet: the header X-Release. */
  readonly release: string
  /** What its pages show. */
  readonly version: string
}

export interface LoadSettings {
  /** An IP address, never a name: nothing is looked up. */
  readonly address: string
  readonly port?: number
  /** What the Host header says. */
  readonly host: string
  /** What the site serves when the load begins. */
  readonly live: LiveRelease
  /** Who comes; without it, enough of everyone to keep a small machine half busy. */
  readonly crowd?: Partial<Crowd>
  /** Pages of another site than the application of these tests, by who asks for them. */
  readonly pages?: Partial<Record<VisitorKind, string>>
  /** Seconds after which an unanswered request is lost. */
  readonly patience?: number
  /** The load ends by itself when it has sent so many requests, */
  readonly maximumRequests?: number
  /** or when so many seconds have passed. */
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

/** With nothing left open. Only loopback and throw-away machines are ever loaded. */
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
