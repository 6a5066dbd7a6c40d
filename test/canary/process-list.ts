import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Reads the command line and the environment of each new process, in a thread that no test delays. */
const watching = `
const { closeSync, openSync, readdirSync, readSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const known = new Set(readdirSync('/proc'))
const looks = new Map()
const seen = { cmdline: new Set(), environ: new Set() }
let isAsked = false
parentPort.on('message', () => { isAsked = true })
// As much as the kernel gives to one program as its arguments and its environment (ulimit -s / 4, and at most 6 MB).
const buffer = Buffer.alloc(6 * 1024 * 1024)
// In a single read: what a second one finds belongs to the program that the process has become meanwhile.
function read(pid, name) {
  try {
    const file = openSync('/proc/' + pid + '/' + name)
    try { return buffer.toString('utf8', 0, readSync(file, buffer)) } finally { closeSync(file) }
  } catch { return '' }
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
  if (isAsked) parentPort.postMessage({ commandLines: [...seen.cmdline], environments: [...seen.environ] })
  isAsked = false
  setTimeout(look, 4)
}
parentPort.postMessage('ready')
look()
`

/** The processes that started meanwhile. */
export interface Processes {
  readonly commandLines: readonly string[]
  readonly environments: readonly string[]
}

export class ProcessList {
  readonly #worker: Worker

  private constructor(setting: string) {
    this.#worker = new Worker(watching, { eval: true, execArgv: [], workerData: setting })
  }

  /** @param setting a setting in the environment of the processes to read */
  static async watch(setting: string): Promise<ProcessList> {
    const list = new ProcessList(setting)
    await once(list.#worker, 'message')
    return list
  }

  async processes(): Promise<Processes> {
    const answer = once(this.#worker, 'message')
    this.#worker.postMessage('answer')
    const [processes] = (await answer) as [Processes]
    return processes
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
