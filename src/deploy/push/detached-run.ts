import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout } from 'node:timers/promises'

import type { Script } from '../../target/sh.ts'
import { withoutRepository } from '../repository/git.ts'
import { makeFolderOf, onDisk, openPrivate } from '../state-folder.ts'

/** A script that goes on whatever becomes of the process that started it. */
export interface DetachedRun {
  /** Everything that it prints. */
  readonly log: string
  /** Its exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>
}

/** Starts it in a session of its own: no Ctrl-C and no hang-up of a terminal reach it. */
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

/** Shows the log as it grows, line by line, until its run has ended. */
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

/** From where the last reading ended to the present end. */
async function readOn(file: Awaited<ReturnType<typeof open>>, decoder: StringDecoder): Promise<string> {
  let text = ''
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536))
    if (bytesRead === 0) return text
    text += decoder.write(buffer.subarray(0, bytesRead))
  }
}
