import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

import { down, up, type Machine, type Release } from '../../src/sandbox/index.ts'

export interface MachineOptions {
  readonly release?: Release
  /** Tells several machines of one test file apart. */
  readonly name?: string
  /** A snapshot to start from, or what makes it. */
  readonly from?: string | (() => Promise<string>)
}

export interface SshOptions {
  /** Who logs in: `root`, or the machine's user (the default), who may use sudo without a password. */
  readonly user?: string
}

export interface SshResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A name that no other test run uses. */
export function testName(name = 'machine'): string {
  return `test-${process.pid}-${name}`
}

/**
 * A throw-away machine for the tests of the surrounding `describe`: up before the first, gone after the last.
 * What is returned is filled in when it is up, so use it inside of tests and hooks only.
 */
export function machine(options: MachineOptions = {}): Machine {
  const { release = 'bookworm', from } = options
  const name = testName(options.name)
  const later = {} as Machine
  before(`machine ${name} up`, async () => {
    const snapshot = typeof from === 'function' ? await from() : from
    Object.assign(later, await up(name, snapshot === undefined ? { release } : { from: snapshot }))
  })
  after(`machine ${name} down`, async () => {
    // when it did not come up, nothing of it is left
    if ('pid' in later) await down(name)
  })
  return later
}

/** Runs a shell script on the machine through the system's ssh: a witness independent of our own session. */
export async function ssh(target: Machine, script: string, options: SshOptions = {}): Promise<SshResult> {
  const client = spawn('ssh', [...sshArguments(target, options.user), 'exec sh -s'])
  client.stdin.end(script)
  const code = new Promise<number>((resolve, reject) => {
    client.once('error', reject).once('close', (status, signal) => {
      if (status === null) reject(new Error(`ssh was ended by ${String(signal)}`))
      else resolve(status)
    })
  })
  const [stdout, stderr] = await Promise.all([text(client.stdout), text(client.stderr)])
  return { code: await code, stdout, stderr }
}

/** Returns the output of a script of root; throws if it fails. */
export async function rootOn(target: Machine, script: string): Promise<string> {
  const { code, stdout, stderr } = await ssh(target, `set -eu\n${script}`, { user: 'root' })
  if (code !== 0) throw new Error(`a script on ${target.name} ended with ${code}: ${stderr}\n${stdout}`)
  return stdout
}

/** The arguments of `ssh` and, but for the destination, of `scp` and `sftp`: only pinned keys, no configuration. */
export function sshArguments(target: Machine, user = target.user): string[] {
  const settings = {
    UserKnownHostsFile: target.knownHostsFile,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    IdentitiesOnly: 'yes',
    BatchMode: 'yes',
    LogLevel: 'ERROR',
    Port: target.port,
  }
  return [
    ...['-F', '/dev/null', '-i', target.privateKeyFile],
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    `${user}@${target.address}`,
  ]
}
