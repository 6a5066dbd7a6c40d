import { randomBytes } from 'node:crypto'

import { joinScripts, type Script } from '../../target/sh.ts'
import type { Outcome } from '../../target/target.ts'

/** A script that runs several read-only scripts in parallel. `outcomesOf` splits its output into theirs. */
export interface CombinedScript {
  readonly script: Script
  outcomesOf(outcome: Outcome): Outcome[]
}

/**
 * Combines read-only scripts, because separate ones cost several processes each and run one after the other. Each part
 * runs in a subshell and writes to files in the session's private directory. All output is printed at the end between
 * random marks that no other output can contain.
 */
export function combineScripts(scripts: readonly Script[]): CombinedScript {
  const [only, ...others] = scripts
  if (only !== undefined && others.length === 0) return { script: only, outcomesOf: (outcome) => [outcome] }
  const mark = `hostwright-${randomBytes(12).toString('hex')}`
  const parts = withOwnFiles(scripts)
  const start = parts.map(
    ({ text }, index) => `(\n${text}\n) >"$FILES.out${index}" 2>"$FILES.err${index}" &\nprocess${index}=$!`,
  )
  const end = parts.map(
    (_, index) =>
      `code=0; wait "$process${index}" || code=$?\nprintf '%s code %s\\n' ${mark} "$code" >"$FILES.code${index}"`,
  )
  const files = parts.map(
    (_, index) => `"$FILES.out${index}" "$FILES.mark" "$FILES.err${index}" "$FILES.code${index}"`,
  )
  const text = [...start, ...end, `printf '%s out\\n' ${mark} >"$FILES.mark"`, `cat ${files.join(' ')}`].join(
    '\n',
  )
  const { attachments } = joinScripts(parts)
  return { script: { text, attachments }, outcomesOf: (outcome) => split(outcome, mark, scripts.length) }
}

/** Gives each script a folder for its attachments, unless only one of them has any. */
function withOwnFiles(scripts: readonly Script[]): Script[] {
  const isShared = scripts.filter(({ attachments }) => attachments.size > 0).length > 1
  return scripts.map((script, index) =>
    isShared && script.attachments.size > 0 ? inOwnFolder(script, index) : script,
  )
}

/** Moves the attachments of a part to a folder of its own, where they have the names that its script uses. */
function inOwnFolder({ text, attachments }: Script, index: number): Script {
  return {
    text: [
      `mkdir "$FILES/${index}"`,
      ...[...attachments.keys()].map((name) => `mv "$FILES/${index}-${name}" "$FILES/${index}/${name}"`),
      `FILES=$FILES/${index}`,
      text,
    ].join('\n'),
    attachments: new Map([...attachments].map(([name, content]) => [`${index}-${name}`, content])),
  }
}

function split(outcome: Outcome, mark: string, count: number): Outcome[] {
  if (outcome.code !== 0) return Array.from({ length: count }, () => outcome)
  const pieces = outcome.stdout.split(new RegExp(`${mark} (?:out|code (\\d+))\\n`))
  return Array.from({ length: count }, (_, index) => ({
    stdout: pieces[index * 4] ?? '',
    stderr: pieces[index * 4 + 2] ?? '',
    code: Number(pieces[index * 4 + 3] ?? 1),
    timedOut: false,
  }))
}
