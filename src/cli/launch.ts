#!/usr/bin/env node
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire, Module } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

/*
 * Starts the command with what V8 compiled of it the last time: half of a run that changes nothing would be compiling.
 * Node has this for itself from 22 on (module.enableCompileCache); 20 is supported too.
 */

const bundle = fileURLToPath(new URL('command.cjs', import.meta.url))
const { size, mtimeMs } = statSync(bundle)
const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hostwright')
/** Each command has a file, for each uses another part of the bundle. */
const cache = join(
  folder,
  `${process.version}-${process.arch}-${(process.argv[2] ?? '').replaceAll(/\W/g, '')}.v8`,
)
/** What the file begins with: which bundle it was made of. */
const origin = Buffer.from(`${size} ${mtimeMs}\n`.padStart(64))

const cachedData = readCache()
// esbuild writes ASCII only
const script = new Script(Module.wrap(readFileSync(bundle, 'latin1')), {
  filename: bundle,
  ...(cachedData === undefined ? {} : { cachedData }),
})
if (cachedData === undefined || script.cachedDataRejected === true) process.once('exit', writeCache)

const start = script.runInThisContext() as (...parameters: unknown[]) => void
start({}, createRequire(bundle), {}, bundle, fileURLToPath(new URL('.', import.meta.url)))

/** Only what this very user wrote, and nobody else can: it is code. */
function readCache(): Buffer | undefined {
  try {
    const file = openSync(cache, 'r')
    try {
      const { uid, mode } = fstatSync(file)
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined
      const content = readFileSync(file)
      return content.subarray(0, origin.length).equals(origin) ? content.subarray(origin.length) : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

/** At the end, when everything that a run needs is compiled. Without a place to write to, the next run compiles again. */
function writeCache(): void {
  const temporary = `${cache}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(temporary, Buffer.concat([origin, script.createCachedData()]), { mode: 0o600 })
    renameSync(temporary, cache)
  } catch {
    rmSync(temporary, { force: true })
  }
}
