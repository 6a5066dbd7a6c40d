import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Reads the command line and the environment of each process that begins, as any user of the machine could the former. */
const watching = `
const { readdirSync, readFileSync } = require('node:fs')
const { parentPort } = require('node:worker_threads')
const known = new Set(readdirSync('/proc'))
const seen = new Set()
let ended = false
parentPort.on('message', () => { ended = true })
function read(pid, name) {
  try { return readFileSync('/proc/' + pid + '/' + name, 'latin1') } catch { return '' }
}
const recent = new Map()
function look() {
  for (const pid of readdirSync('/proc')) {
    if (known.has(pid) || !/^[0-9]+$/.test(pid)) continue
    // a process becomes another program a moment after it began
    const looks = (recent.get(pid) ?? 0) + 1
    recent.set(pid, looks)
    if (looks > 200) known.add(pid)
    for (const name of ['cmdline', 'environ']) seen.add(Buffer.from(read(pid, name), 'latin1').toString())
  }
  if (ended) parentPort.postMessage([...seen])
  else setTimeout(look, 2)
}
parentPort.postMessage('ready')
look()
`

export class ProcessList {
  readonly #worker = new Worker(watching, { eval: true, execArgv: [] })

  static async watch(): Promise<ProcessList> {
    const list = new ProcessList()
    await once(list.#worker, 'message')
    return list
  }

  /** What was seen since. */
  async end(): Promise<readonly string[]> {
    const answer = once(this.#worker, 'message')
    this.#worker.postMessage('end')
    const [seen] = (await answer) as [readonly string[]]
    await this.#worker.terminate()
    return seen
  }
}
