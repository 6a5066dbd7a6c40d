import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout } from 'node:timers/promises'

import type { Script } from '../../target/sh.ts'
import { withoutRepository } from '../repository/git.ts'
import { makeFolderOf, onDisk, openPrivate } from '../state-folder.ts'

/** A script that continues even if the process that started it ends. */
export interface DetachedRun {
  /** The file that gets everything the script prints. */
  readonly log: string
  /** The exit code of the script; undefined if a signal ended it. */
  readonly ended: Promise<number | undefined>
}

/** Starts a script in a new session, so that Ctrl-C and a hang-up of the terminal do not reach it. */
export async function runDetached(script: Script, folder: string, log: string): Promise<DetachedRun> {
  const output = await onDisk('write a log', async () => {
    await makeFolderOf(log)
    return openPrivate(log, 'a')
  })
  const child = spawn('sh', ['-c', script.text], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: withoutRepository(process.env),
  })
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? undefined)
  await output.close()
  return { log, ended }
}

const pause = 100

/** Passes on the lines of the log as they appear, until the run ends. */
export async function showLog({ log, ended }: DetachedRun, say: (line: string) => void): Promise<void> {
  const file = await open(log)
  const decoder = new StringDecoder()
  const state = { isOver: false }
  const over = ended.then(() => {
    state.isOver = true
  })
  try {
    let line = ''
    for (let isLast = false; !isLast;) {
      isLast = state.isOver
      const lines = `${line}${await readOn(file, decoder)}`.split('\n')
      line = lines.pop() ?? ''
      lines.forEach(say)
      if (!isLast) await Promise.race([over, setTimeout(pause)])
    }
    if (line !== '') say(line)
  } finally {
    await file.close()
  }
}

/** Reads from the current position to the end of the file. */
async function readOn(file: Awaited<ReturnType<typeof open>>, decoder: StringDecoder): Promise<string> {
  let text = ''
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536))
    if (bytesRead === 0) return text
    text += decoder.write(buffer.subarray(0, bytesRead))
  }
}
