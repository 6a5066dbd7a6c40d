import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Reads the command line and the environment of each process that begins, in a thread that no test holds up. */
const watching = `
const { readdirSync, readFileSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const known = new Set(readdirSync('/proc'))
const looks = new Map()
const seen = { cmdline: new Set(), environ: new Set() }
let isEnding = false
parentPort.on('message', () => { isEnding = true })
function read(pid, name) {
  try { return readFileSync('/proc/' + pid + '/' + name, 'utf8') } catch { return '' }
}
function look() {
  for (const pid of readdirSync('/proc')) {
    if (known.has(pid) || !/^[0-9]+$/.test(pid)) continue
    // A process becomes another program a moment after it began.
    looks.set(pid, (looks.get(pid) ?? 0) + 1)
    if (looks.get(pid) > 50) known.add(pid)
    const environment = read(pid, 'environ')
    if (!environment.includes(workerData)) continue
    seen.environ.add(environment)
    seen.cmdline.add(read(pid, 'cmdline'))
  }
  if (isEnding) parentPort.postMessage({ commandLines: [...seen.cmdline], environments: [...seen.environ] })
  else setTimeout(look, 4)
}
parentPort.postMessage('ready')
look()
`

/** Of the processes that began meanwhile. */
export interface Processes {
  readonly commandLines: readonly string[]
  readonly environments: readonly string[]
}

export class ProcessList {
  readonly #worker: Worker

  private constructor(setting: string) {
    this.#worker = new Worker(watching, { eval: true, execArgv: [], workerData: setting })
  }

  /** @param setting what is in the environment of the processes to look at */
  static async watch(setting: string): Promise<ProcessList> {
    const list = new ProcessList(setting)
    await once(list.#worker, 'message')
    return list
  }

  async end(): Promise<Processes> {
    const answer = once(this.#worker, 'message')
    this.#worker.postMessage('end')
    const [processes] = (await answer) as [Processes]
    await this.#worker.terminate()
    return processes
  }
}
