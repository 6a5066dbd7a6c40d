import { end, startIsolated, type Workplace } from './isolated.ts'
import type { Message, Selection } from './test-process.ts'

export type Ended =
  | { readonly type: 'passed'; readonly messages: readonly Message[] }
  | { readonly type: 'failed'; readonly failure: string; readonly messages: readonly Message[] }
  | { readonly type: 'timed out' }

/** Runs tests in isolation. @param layer files that hide those of the project @param limit milliseconds */
export async function runTests(
  place: Workplace,
  layer: string,
  selections: readonly Selection[],
  limit: number,
): Promise<Ended> {
  const child = startIsolated(place, layer, 'test/mutation/test-process.ts')
  let said = ''
  child.stdout?.resume()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const messages: Message[] = []
  let timer: NodeJS.Timeout | undefined
  const ended = new Promise<Ended>((resolve) => {
    child.on('message', (message: Message) => {
      messages.push(message)
      if (message.type !== 'end') return
      const { failure } = message
      resolve(failure === undefined ? { type: 'passed', messages } : { type: 'failed', failure, messages })
    })
    child.on('close', () => {
      resolve({ type: 'failed', failure: `the process ended: ${said.trim()}`, messages })
    })
    timer = setTimeout(() => {
      resolve({ type: 'timed out' })
    }, limit)
  })
  child.send(selections)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
    await end(child)
  }
}
