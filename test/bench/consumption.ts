import { readFile } from 'node:fs/promises'

export interface Consumption {
  /** The CPU time, including that of the processes it waited for. */
  readonly cpuSeconds: number
  /** The peak of resident memory, in MB. */
  readonly peakMemory: number
}

/**
 * Returns arguments for node that make it write its consumption to a file when it ends. The memory is the kernel's peak
 * of this process image alone: that of getrusage(2) may come from the parent process.
 */
export function recordingConsumption(file: string): string[] {
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs'
    process.on('exit', () => {
      const own = process.cpuUsage()
      const [stat, status] = ['stat', 'status'].map((name) => readFileSync('/proc/self/' + name, 'utf8'))
      writeFileSync(${JSON.stringify(file)}, JSON.stringify({ own, stat, status }))
    })`
  return ['--import', `data:text/javascript,${encodeURIComponent(program)}`]
}

/** Reads the consumption of the process that wrote the file. */
export async function consumptionIn(file: string): Promise<Consumption> {
  const { own, stat, status } = JSON.parse(await readFile(file, 'utf8')) as Record
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]
  const children = /\) \S(?: \S+){12} (\d+) (\d+)/.exec(stat)
  if (kibibytes === undefined || children === null) throw new Error(`${file} tells no consumption`)
  const ticks = Number(children[1]) + Number(children[2])
  return {
    cpuSeconds: (own.user + own.system) / 1e6 + ticks / ticksPerSecond,
    peakMemory: (Number(kibibytes) * 1024) / 1e6,
  }
}

interface Record {
  readonly own: NodeJS.CpuUsage
  readonly stat: string
  readonly status: string
}

/** The unit of proc(5), on every Linux that Node.js runs on. */
const ticksPerSecond = 100
