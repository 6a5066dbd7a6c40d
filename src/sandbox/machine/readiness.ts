import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { $ } from 'zx/core'

import { UserError } from '../../errors.ts'
import { consoleLog } from './container.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

export interface Booting {
  readonly name: string
  readonly folder: string
  readonly address: string
  readonly process: ProcessIdentity
  readonly privateKeyFile: string
  readonly knownHostsFile: string
}

const bootLimit = 120_000

/** Waits until sshd accepts a login and systemd reports the end of the boot. */
export async function awaitReady(
  machine: Booting,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + bootLimit
  while (!(await answers(machine.address))) {
    if (!(await isAlive(machine.process))) throw await bootError(machine, 'it terminated during its boot')
    if (Date.now() > deadline)
      throw await bootError(machine, `sshd did not answer within ${bootLimit / 1000} s`)
    await setTimeout(20, undefined, { signal })
  }
  const login = [
    ...[
      '-F',
      '/dev/null',
      '-i',
      machine.privateKeyFile,
      '-o',
      `UserKnownHostsFile=${machine.knownHostsFile}`,
    ],
    ...['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
  ]
  const command = 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend'
  const answer = await $({
    quiet: true,
    nothrow: true,
    timeout: Math.max(deadline - Date.now(), 1000),
    ...(signal === undefined ? {} : { signal }),
  })`ssh ${login} root@${machine.address} ${command} </dev/null`
  const [state = '', ...failed] = answer.stdout.trim().split('\n')
  if (state === 'running') return
  if (state !== 'degraded')
    throw await bootError(machine, `its boot did not finish: ${state} ${answer.stderr.trim()}`)
  onProgress(
    `${machine.name} is running, but these units failed: ${failed.map((line) => line.split(' ')[0]).join(', ')}`,
  )
}

async function answers(address: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 })
    const settle = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', settle(true)).once('error', settle(false)).once('timeout', settle(false))
    socket.once('close', settle(false))
  })
}

/** Returns an error about a failed boot, with the last lines of the console. */
export async function bootError(
  { name, folder }: Pick<Booting, 'name' | 'folder'>,
  reason: string,
): Promise<UserError> {
  const log = await readFile(consoleLog(folder), 'utf8').catch(() => '')
  const tail = stripVTControlCharacters(log).trim().split(/\r?\n/).slice(-20).join('\n')
  return new UserError(`the throw-away machine ${name} did not start: ${reason}\nits console:\n${tail}`)
}
