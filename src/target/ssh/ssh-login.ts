import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import type { AnyAuthMethod, ServerHostKeyAlgorithm } from 'ssh2'

import { ConnectionError } from '../../errors.ts'
import { defined } from '../../text/defined.ts'
import { HostTimeLimit } from '../host-time.ts'
import type { Ask, ConnectionSettings } from '../settings.ts'
import { keyboardAttempt, prepareAttempts } from './authentication.ts'
import type { Attempt, Attempts } from './authentication.ts'
import { HostKeyCheck } from './host-key.ts'
import type { ResolvedConnection } from './ssh-config.ts'

// Omits diffie-hellman-group-exchange, whose computation blocks the event loop for seconds.
const kex = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
] as const

const cipher = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const

const serverHostKey = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/** The default time limit, in seconds. */
const defaultConnectTimeout = 10

/** The preparation of a login, so that nothing delays it once the socket is connected. */
export interface LoginPlan {
  readonly settings: ConnectionSettings
  readonly resolved: ResolvedConnection
  readonly hostKeys: HostKeyCheck
  readonly attempts: Attempts
  readonly seconds: number
}

export async function prepareLogin(
  settings: ConnectionSettings,
  resolved: ResolvedConnection,
): Promise<LoginPlan> {
  const [hostKeys, attempts] = await Promise.all([
    HostKeyCheck.load({
      name: resolved.name,
      host: resolved.hostKeyName,
      port: resolved.hostKeyPort,
      files: resolved.knownHostsFiles,
      acceptNew: settings.acceptNewHostKeys === true,
    }),
    prepareAttempts({ ...resolved, ...passwordAndAsk(settings) }),
  ])
  const seconds = settings.connectTimeout ?? defaultConnectTimeout
  return { settings, resolved, hostKeys, attempts, seconds }
}

/** Does the SSH handshake on a connected socket, checks the host key and then logs in. */
export function login(
  socket: Duplex,
  plan: LoginPlan,
  signal: AbortSignal | undefined,
): Promise<ssh2.Client> {
  return new Login(socket, plan).run(signal)
}

function passwordAndAsk({ password, ask }: ConnectionSettings) {
  return defined({ password, ask })
}

class Login {
  readonly #client = new ssh2.Client()
  readonly #socket: Duplex
  readonly #plan: LoginPlan
  readonly #left: Attempt[]
  readonly #tried: string[] = []
  #trusted: Buffer | undefined
  #offered: readonly string[] | undefined
  #limit: HostTimeLimit | undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(socket: Duplex, plan: LoginPlan) {
    this.#socket = socket
    this.#plan = plan
    this.#left = [...plan.attempts.attempts]
  }

  async run(signal: AbortSignal | undefined): Promise<ssh2.Client> {
    const abort = () => {
      this.#reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#restartClock()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#reject = reject
        this.#client.on('ready', resolve)
        this.#client.on('error', (error: Error & { level?: string }) => {
          // If the agent does not sign, the next attempt follows.
          if (error.level !== 'agent') reject(this.#describe(error))
        })
        this.#client.on('close', () => {
          reject(this.#describe(new Error('Connection lost')))
        })
        this.#client.connect({
          sock: this.#socket,
          username: this.#plan.resolved.user,
          readyTimeout: 0,
          keepaliveInterval: 15_000,
          keepaliveCountMax: 3,
          algorithms: {
            kex: [...kex],
            cipher: [...cipher],
            serverHostKey: this.#plan.hostKeys.algorithms(serverHostKey) as ServerHostKeyAlgorithm[],
          },
          hostVerifier: (key: Buffer, verified: (accepted: boolean) => void) => {
            // During a rekey, the answer must be synchronous: ssh2 would send with the old keys until it arrives.
            if (this.#trusted?.equals(key)) verified(true)
            else this.#verify(key, verified).catch(this.#reject)
          },
          authHandler: (offered: readonly string[] | null, partial: boolean | null, next) => {
            this.#nextAttempt(offered ?? undefined, partial === true)
              .then((method) => {
                // The declared type lacks false, which ends the login.
                next(method as AnyAuthMethod)
              })
              .catch(this.#reject)
          },
        })
      })
      return this.#client
    } catch (error) {
      this.#client.destroy()
      throw error
    } finally {
      this.#limit?.clear()
      signal?.removeEventListener('abort', abort)
    }
  }

  async #verify(key: Buffer, verified: (accepted: boolean) => void): Promise<void> {
    try {
      await this.#plan.hostKeys.verify(key)
      this.#trusted = Buffer.from(key)
      verified(true)
    } catch (error) {
      this.#reject(error)
      verified(false)
    }
  }

  /** Returns the next attempt that the server accepts, or false if none is left. */
  async #nextAttempt(
    offered: readonly string[] | undefined,
    partial: boolean,
  ): Promise<AnyAuthMethod | false> {
    this.#offered = offered ?? this.#offered
    const { user } = this.#plan.resolved
    if (offered === undefined && this.#left.length === 0) return { type: 'none', username: user }
    if (partial) this.#addSecondFactor()
    for (;;) {
      const attempt = this.#left.shift()
      if (attempt === undefined) return false
      if (offered !== undefined && !offered.includes(nameOf(attempt))) continue
      this.#tried.push(attempt.label)
      this.#limit?.clear()
      try {
        const method = await attempt.method(this.#askFor(attempt), (error) => {
          this.#reject(error)
        })
        this.#restartClock()
        return method
      } catch (error) {
        this.#reject(error)
        return false
      }
    }
  }

  #addSecondFactor(): void {
    const { password, ask } = this.#plan.settings
    const waiting = this.#left.some((attempt) => attempt.type === 'keyboard-interactive')
    if (!waiting && ask !== undefined) this.#left.unshift(keyboardAttempt(this.#plan.resolved.user, password))
  }

  /** Pauses the time limit while the user types. Like ssh, marks questions of the host with its name. */
  #askFor({ type }: Attempt): Ask | undefined {
    const { ask } = this.#plan.settings
    const { user, name } = this.#plan.resolved
    const asker = type === 'keyboard-interactive' ? `(${user}@${name}) ` : ''
    if (ask === undefined) return undefined
    return async (question, options) => {
      this.#limit?.clear()
      try {
        return await ask(`${asker}${question}`, options)
      } finally {
        this.#restartClock()
      }
    }
  }

  #restartClock(): void {
    this.#limit?.clear()
    this.#limit = new HostTimeLimit(this.#plan.seconds, () => {
      const message = `the SSH login to ${this.#where()} took longer than ${this.#plan.seconds} seconds`
      this.#reject(this.#error('timeout', message))
    })
  }

  #describe(error: Error & { level?: string }): ConnectionError {
    if (error.level === 'client-authentication') return this.#refused()
    if (/lost|ECONNRESET|EPIPE|socket hang up/.test(error.message)) {
      return this.#error('refused', `${this.#where()} closed the connection before the login was complete`, {
        cause: error,
        hint: 'check MaxStartups (too many logins at once) and MaxAuthTries (too many keys) on the host',
      })
    }
    return this.#error('refused', `the SSH connection to ${this.#where()} failed: ${error.message}`, {
      cause: error,
    })
  }

  #refused(): ConnectionError {
    const { unusable } = this.#plan.attempts
    const tried = this.#tried.length === 0 ? 'no key or password to try' : `tried ${this.#tried.join(', ')}`
    const why = unusable.length === 0 ? '' : `; ${unusable.join('; ')}`
    const takes = this.#offered === undefined ? '' : `; the host accepts ${this.#offered.join(', ')}`
    return this.#error(
      'authentication',
      `${this.#where()} refused the login of ${this.#plan.resolved.user}: ${tried}${why}${takes}`,
      { hint: this.#hint() },
    )
  }

  #hint(): string {
    if (this.#plan.settings.password !== undefined)
      return 'check the user (-u), the password (ansible_password) and the key (--private-key)'
    const takesPassword =
      this.#offered?.some((name) => /^(password|keyboard-interactive)$/.test(name)) === true
    const orPassword = takesPassword ? ', or a password with ansible_password' : ''
    return `set the user with -u, the key with --private-key${orPassword}`
  }

  #error(
    problem: 'timeout' | 'refused' | 'authentication',
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ): ConnectionError {
    return new ConnectionError(
      this.#plan.resolved.name,
      problem,
      `${this.#plan.resolved.name}: ${message}`,
      options,
    )
  }

  #where(): string {
    return `${this.#plan.resolved.address} port ${this.#plan.resolved.port}`
  }
}

function nameOf(attempt: Attempt): string {
  return attempt.type === 'agent' ? 'publickey' : attempt.type
}
