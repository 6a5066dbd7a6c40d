import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

import { down, up, type Machine, type Release } from '../../src/sandbox/index.ts'

export interface MachineOptions {
  readonly release?: Release
  /** The name, unique among the machines of a test file. */
  readonly name?: string
  /** The snapshot to start from, or a function that creates it. */
  readonly from?: string | (() => Promise<string>)
}

export interface SshOptions {
  /** The user who logs in: `root`, or the machine's user (the default), who may use sudo without a password. */
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
 * Starts a throw-away machine for the tests of the surrounding `describe`, and removes it after them.
 * The returned object is filled in when the machine is up, so use it only in tests and hooks.
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
    // a machine that failed to start leaves nothing behind
    if ('pid' in later) await down(name)
  })
  return later
}

/** Runs a shell script on the machine with the system's ssh, independently of Hostwright's session. */
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

/** Returns the arguments of `ssh` and, except the destination, of `scp` and `sftp`: only pinned keys, no configuration. */
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
