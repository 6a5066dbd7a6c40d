import ts from 'typescript'

import { anchorOf } from './anchors.ts'
import { describeChange, lineAt, type Mutation } from './mutation.ts'

/** A mutation that once survived. Its code must occur in the file exactly once. */
interface Written {
  readonly file: string
  readonly code: string
  readonly mutated: string
  readonly promise: string
}

/** The thirteen survivors of the code review of commit 96fda7f. */
const written: readonly Written[] = [
  {
    file: 'src/engine/converge/converge.ts',
    code: 'recheck ? await lookAgain(machine, invocation, changes) : before',
    mutated: 'before',
    promise: 'every change is read back',
  },
  {
    file: 'src/engine/converge/part.ts',
    code: 'parts.toSpliced(first, 0,',
    mutated: 'parts.toSpliced(first + 1, 0,',
    promise: 'a handler is noted before the change that notifies it',
  },
  {
    file: 'src/state/pending-handlers.ts',
    code: 'line.startsWith(`${play}\\t`)',
    mutated: 'line !== play',
    promise: 'a play takes over its own handlers only',
  },
  {
    file: 'src/engine/converge/converge.ts',
    code: '?? longest(steps), guard }',
    mutated: '?? longest(steps) }',
    promise: 'a run whose lock was taken over changes nothing more',
  },
  {
    file: 'src/engine/converge/possible-states.ts',
    code: '.size === 1) {',
    mutated: '.size >= 1) {',
    promise: 'a dry run decides only where all possible states agree',
  },
  {
    file: 'src/engine/converge/converge.ts',
    code: 'proofs.length > 0 && !machine.state.predicting',
    mutated: 'proofs.length > 0',
    promise: 'a dry run proves nothing on a machine that is only predicted',
  },
  {
    file: 'src/engine/converge/converge.ts',
    code: 'if (steps.some((step) => step.waits === true)) machine.state.forgetEverything()',
    mutated: '',
    promise: 'what was read before a step that waited is read again',
  },
  {
    file: 'src/engine/task/look-ahead.ts',
    code: 'tasks >= host.machine.window',
    mutated: 'tasks > host.machine.window',
    promise: 'a read reaches as many tasks ahead as the window says',
  },
  {
    file: 'src/engine/machine/machine.ts',
    code: 'if (this.state.forget(writes) > 0) this.window =',
    mutated: 'if (this.state.forget(writes) < 0) this.window =',
    promise: 'the window restarts small after a change',
  },
  {
    file: 'src/engine/machine/machine.ts',
    code: 'this.window * 2',
    mutated: 'this.window',
    promise: 'the window doubles with each read',
  },
  {
    file: 'src/engine/play/play-run.ts',
    code: '* 100 > maxFailPercentage',
    mutated: '* 100 >= maxFailPercentage',
    promise: 'the failures must exceed max_fail_percentage',
  },
  {
    file: 'src/engine/run.ts',
    code: '[ExitCode.unreachable, ExitCode.failed,',
    mutated: '[ExitCode.failed, ExitCode.unreachable,',
    promise: 'an unreachable host decides the exit code',
  },
  {
    file: 'src/target/shell/open-shell.ts',
    code: 'if (asked > 0) return program.passwordRefused(host, connection.user)',
    mutated: '',
    promise: 'sudo gets the password once, so that no account is locked',
  },
]

/** @param parse reads a source file of the project */
export function reviewMutations(parse: (file: string) => ts.SourceFile): Mutation[] {
  return written.map(({ file, code, mutated, promise }) => {
    const source = parse(file)
    const start = source.text.indexOf(code)
    if (start < 0 || source.text.includes(code, start + 1))
      throw new Error(`${file} must hold this once: ${code}`)
    return {
      ...{ file, start, promise, text: mutated },
      end: start + code.length,
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      code: lineAt(source, start),
      change: describeChange(code, mutated, 0),
      anchor: anchorOf(nodeAt(source, start)),
    }
  })
}

function nodeAt(source: ts.SourceFile, position: number): ts.Node {
  let found: ts.Node = source
  visit(source)
  return found

  function visit(node: ts.Node): void {
    if (node.getStart() > position || node.getEnd() <= position) return
    found = node
    ts.forEachChild(node, visit)
  }
}
