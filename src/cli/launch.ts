#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

import { CodeCache } from './cache/code-cache.ts'
import { cacheFolder } from './cache/private-file.ts'
import { restoreGarbageCollection } from './cache/garbage-collection.ts'

/*
 * Starts the command with the code that V8 compiled in an earlier run: without it, compiling takes half of the time of a
 * run that changes nothing. Node.js 22 has module.enableCompileCache for this, but Node.js 20 is supported too.
 */

// A run is too short for V8's optimizing compiler to pay off: by default, it uses a fifth of the CPU time. Functions
// that run 15 times as long as by default are still optimized. V8's cache is valid only under the same flags.
// Node 20 has V8 11; the V8 of Node 24 prints an error about this flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')
// By default, V8's young generation grows to 48 MB before it is collected: half of the memory of a run on 100 hosts.
// Collecting it more often costs little.
setFlagsFromString('--semi-space-growth-factor=1')
// For so small a generation, waking other threads takes longer than collecting it.
setFlagsFromString('--no-parallel-scavenge')

const bundle = fileURLToPath(new URL('command.cjs', import.meta.url))
// esbuild writes ASCII only
const source = readFileSync(bundle, 'latin1')
const cache = CodeCache.of({ folder: cacheFolder(), command: process.argv[2] ?? '', bundle, source })

const cachedData = cache?.read()
const script = new Script(Module.wrap(source), {
  filename: bundle,
  ...(cachedData === undefined ? {} : { cachedData }),
})
// at exit, when all functions that the run used have been compiled
if (cachedData === undefined || script.cachedDataRejected === true)
  process.once('exit', () => {
    restoreGarbageCollection()
    cache?.write(script.createCachedData())
  })

const load = script.runInThisContext() as (...parameters: unknown[]) => void
const loaded = { exports: {} as { runCommand?(): void } }
load(loaded.exports, createRequire(bundle), loaded, bundle, fileURLToPath(new URL('.', import.meta.url)))
loaded.exports.runCommand?.()
