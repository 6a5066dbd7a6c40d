import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { quote, type Script } from '../../src/target/sh.ts'
import { run, type Shell } from './harness.ts'

export interface Call {
  readonly program: string
  readonly words: readonly string[]
  readonly stdin: Buffer
}

/** Runs a script with fakes in place of these programs. Returns their calls with the exact arguments. */
export function recorded(script: Script, programs: readonly string[], shell: Shell): Call[] {
  const directory = mkdtempSync(join(tmpdir(), 'hostwright-recorded-'))
  try {
    const fakes = join(directory, 'fakes')
    mkdirSync(fakes)
    for (const program of programs) {
      const fake = join(fakes, program)
      writeFileSync(fake, fakeOf(program, directory))
      chmodSync(fake, 0o755)
    }
    run(script, shell, { programs: fakes })
    return callsIn(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function fakeOf(program: string, directory: string): string {
  return `#!/bin/sh
    cd ${quote(directory)} || exit
    number=1
    while ! mkdir "call-$number" 2>/dev/null; do number=$((number + 1)); done
    printf '%s\\0' ${program} "$@" >"call-$number/words"
    cat >"call-$number/stdin"\n`
}

function callsIn(directory: string): Call[] {
  const calls: Call[] = []
  for (let number = 1; existsSync(join(directory, `call-${number}`)); number++) {
    const call = join(directory, `call-${number}`)
    const [program = '', ...words] = readFileSync(join(call, 'words')).toString().split('\0').slice(0, -1)
    calls.push({ program, words, stdin: readFileSync(join(call, 'stdin')) })
  }
  return calls
}
