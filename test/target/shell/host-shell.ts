import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'

import type { Ending, Pipes } from '../../../src/target/pipes.ts'
import { bootstrap, marker } from '../../../src/target/shell/bootstrap.ts'
import { Shell } from '../../../src/target/shell/shell.ts'

/** A host whose `sh` is one of the common shells. */
export interface HostShell {
  readonly name: string
  /** The directory with its programs, including `sh`. */
  readonly path: string
}

/** Creates such hosts for the tests of the surrounding `describe`: three with GNU tools, and one with only BusyBox. */
export function hostShells(): HostShell[] {
  const root = mkdtempSync(join(tmpdir(), 'hostwright-shells-'))
  after(() => {
    rmSync(root, { recursive: true })
  })
  const gnu = ['dash', 'bash', 'mksh'].map((name) => {
    const folder = join(root, name)
    mkdirSync(folder)
    symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(folder, 'sh'))
    return { name, path: `${folder}:/usr/bin:/bin` }
  })
  const busybox = join(root, 'busybox')
  mkdirSync(busybox)
  execFileSync('busybox', ['--install', '-s', busybox])
  return [...gnu, { name: 'busybox', path: busybox }]
}

/** Creates a host whose dd has no flags, for the tests of the surrounding `describe`. */
export function oldHost(): HostShell {
  const path = mkdtempSync(join(tmpdir(), 'hostwright-dd-'))
  after(() => {
    rmSync(path, { recursive: true })
  })
  for (const name of [
    'sh',
    'mkdir',
    'mkfifo',
    'mktemp',
    'ln',
    'readlink',
    'rm',
    'rmdir',
    'cat',
    'sleep',
    'od',
    'tr',
  ])
    symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(path, name))
  const dd = '#!/bin/sh\ncase "$*" in *flag*) exit 1 ;; esac\nexec /bin/dd "$@"\n'
  writeFileSync(join(path, 'dd'), dd, { mode: 0o755 })
  return { name: 'old dd', path }
}

export interface RunningShell {
  readonly shell: Shell
  readonly pipes: Pipes
  readonly pid: number
}

export interface StartOptions {
  readonly environment?: NodeJS.ProcessEnv
  /** The sizes of the pieces of the input. */
  readonly pieces?: readonly number[]
  readonly link?: Link
}

/** A connection to the host that can be stopped. */
export class Link {
  #left = Infinity
  #stalled: () => void = () => undefined
  #goOn: () => void = () => undefined
  #host: Writable | undefined

  to(host: Writable): Writable {
    this.#host = host
    return new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        const passed = bytes.subarray(0, this.#left)
        this.#left -= passed.length
        host.write(passed)
        if (passed.length === bytes.length) {
          done()
          return
        }
        this.#goOn = () => host.write(bytes.subarray(passed.length), done)
        this.#stalled()
      },
      final(done) {
        host.end(done)
      },
    })
  }

  /** Lets this many bytes pass. Resolves when the next byte is waiting. */
  stallAfter(bytes: number): Promise<void> {
    this.#left = bytes
    return new Promise((resolve) => {
      this.#stalled = resolve
    })
  }

  goOn(): void {
    this.#left = Infinity
    this.#goOn()
  }

  cut(): void {
    this.#host?.destroy()
  }
}

/** A session with the host without a network. */
export async function startShell(host: HostShell, options: StartOptions = {}): Promise<RunningShell> {
  const child = spawn('sh', ['-c', bootstrap], {
    detached: true,
    stdio: 'pipe',
    env: { ...process.env, ...options.environment, PATH: host.path },
  })
  const ended = new Promise<Ending>((resolve) => {
    child.on('exit', (code, signal) => {
      child.stdin.destroy()
      resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) })
    })
  })
  const near = options.pieces === undefined ? child.stdin : trickle(child.stdin, options.pieces)
  const stdin = options.link === undefined ? near : options.link.to(near)
  await new Promise<void>((resolve) => {
    const onData = (chunk: Buffer) => {
      if (!chunk.toString().includes(marker)) return
      child.stdout.off('data', onData)
      resolve()
    }
    child.stdout.on('data', onData)
  })
  const pipes = { stdin, stdout: child.stdout, stderr: child.stderr, ended }
  return { shell: new Shell('test', pipes), pipes, pid: child.pid! }
}

/** Writes bytes in pieces of these sizes. */
function trickle(target: Writable, sizes: readonly number[]): Writable {
  let turn = 0
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const next = (start: number) => {
        if (start >= chunk.length) {
          done()
          return
        }
        const size = sizes[turn++ % sizes.length]!
        target.write(chunk.subarray(start, start + size), () => setImmediate(next, start + size))
      }
      next(0)
    },
    final(done) {
      target.end(done)
    },
  })
}
