import { readFile } from 'node:fs/promises'

/**
 * Arguments for node which make it write its own peak of resident memory to a file when it ends. The kernel's peak of
 * this process image alone: what getrusage(2) tells may be that of whoever started it.
 */
export function recordingPeakMemory(file: string): string[] {
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs'
    process.on('exit', () => writeFileSync(${JSON.stringify(file)}, readFileSync('/proc/self/status')))`
  return ['--import', `data:text/javascript,${encodeURIComponent(program)}`]
}

/** In MB, of the process that wrote the file. */
export async function peakMemory(file: string): Promise<number> {
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(await readFile(file, 'utf8'))?.[1]
  if (kibibytes === undefined) throw new Error(`${file} tells no peak of memory`)
  return (Number(kibibytes) * 1024) / 1e6
}
