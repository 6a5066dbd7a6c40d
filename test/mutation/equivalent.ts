import type { Mutation } from './mutation.ts'

/** A mutation that no test can notice, because the changed program behaves the same. */
interface Equivalent {
  readonly file: string
  /** The line in which the mutation starts. */
  readonly code: string
  readonly change: string
  readonly reason: string
}

const equivalents: readonly Equivalent[] = [
  {
    file: 'src/variables/secrets/pattern-index.ts',
    code: 'const known = groups.find((group) => group.length === length && group.wholeWord === wholeWord)',
    change:
      'groups.find((group) => group.length === length && group.wholeWord === wholeWord) -> groups.findLast((group) => group.length === length && group.wholeWord === wholeWord)',
    reason: 'there is one group of this length and kind',
  },
  {
    file: 'src/target/host-time.ts',
    code: '#lastLook = 0',
    change: '0 -> 1',
    reason: 'it is set before the first look',
  },
  {
    file: 'src/modules/deploy_release.ts',
    code: "src: '${print('deploy_artifact.path')}'",
    change: "'deploy_artifact.path' -> ''",
    reason: 'it is part of the example in the documentation, which test/docs compares',
  },
  {
    file: 'src/engine/task/run-task.ts',
    code: "return rendered === undefined ? skipped('') : runRendered(host, task, rendered, around)",
    change: "'' -> 'other'",
    reason: 'a task without a loop is rendered exactly once',
  },
  {
    file: 'src/engine/replaced-secrets.ts',
    code: "const written = present[index] ?? ''",
    change: "'' -> 'other'",
    reason: 'the two lists have the same length',
  },
  {
    file: 'src/engine/task/iteration.ts',
    code: "return { item, layer: { origin: 'loop', values, literal: true } }",
    change: "'loop' -> ''",
    reason:
      'the origin of a layer is the position of an error in a template, and a literal value is no template',
  },
  {
    file: 'src/engine/converge/converge.ts',
    code: 'const stopped = outcomes.find((outcome) => outcome.stopped === true)',
    change:
      'outcomes.find((outcome) => outcome.stopped === true) -> outcomes.findLast((outcome) => outcome.stopped === true)',
    reason: 'a batch ends with the script that it stops',
  },
  {
    file: 'src/target/ssh/ssh-socket.ts',
    code: "signal?.addEventListener('abort', abort, { once: true })",
    change: 'true -> false',
    reason: 'the listener is removed when it is called',
  },
  {
    file: 'src/engine/play/handlers.ts',
    code: 'if (host.machine.missing(request).length > 0) await host.machine.read(request, [])',
    change: 'host.machine.missing(request).length > 0 -> host.machine.missing(request).length >= 0',
    reason: 'a read of nothing sends nothing',
  },
  {
    file: 'src/target/ssh/agent.ts',
    code: 'resolve(error === null || error === undefined ? ((identities ?? []) as ParsedKey[]) : [])',
    change: 'error === undefined -> error !== undefined',
    reason: 'ssh2 gives null where there is no error, and no identities where there is one',
  },
  {
    file: 'src/target/ssh/ssh-connection.ts',
    code: 'randomize: true,',
    change: 'true -> false',
    reason: 'it only spreads in time when several runs try again',
  },
  {
    file: 'src/target/ssh/ssh-connection.ts',
    code: "this.#client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {",
    change: "'127.0.0.1' -> ''",
    reason: 'it is the address of the sender, which servers only log',
  },
  {
    file: 'src/modules/deploy_artifact.ts',
    code: 'const packing = 2',
    change: '2 -> 3',
    reason: 'any number that no earlier version had will do',
  },
  {
    file: 'src/variables/secrets/masker.ts',
    code: 'if (text.length > longestKnown) return this.#replace(text)',
    change:
      'if (text.length > longestKnown) return this.#replace(text) -> if (!(text.length > longestKnown)) return this.#replace(text)',
    reason: 'it decides only which results are kept',
  },
  {
    file: 'src/variables/ejs/parse.ts',
    code: 'const options = { ecmaVersion: 2023, preserveParens: true } as const',
    change: '2023 -> 2024',
    reason: 'ECMAScript 2024 adds the v flag of regular expressions, which every supported Node.js runs',
  },
  {
    file: 'src/target/ssh/file-cache.ts',
    code: "return [dev, ino, size, mtimeMs, ctimeMs].join(' ')",
    change: '[dev, ino, size, mtimeMs, ctimeMs] -> [ ino, size, mtimeMs, ctimeMs]',
    reason: 'the times of two files on different file systems are not the same',
  },
  {
    file: 'src/target/ssh/file-cache.ts',
    code: "return [dev, ino, size, mtimeMs, ctimeMs].join(' ')",
    change: '[dev, ino, size, mtimeMs, ctimeMs] -> [dev, ino, mtimeMs, ctimeMs]',
    reason: 'ctimeMs changes with the size, unless the clock of the file system is slow',
  },
  {
    file: 'src/target/ssh/file-cache.ts',
    code: "return [dev, ino, size, mtimeMs, ctimeMs].join(' ')",
    change: '[dev, ino, size, mtimeMs, ctimeMs] -> [dev, ino, size, ctimeMs]',
    reason: 'ctimeMs changes with mtimeMs',
  },
  {
    file: 'src/target/ssh/ssh-login.ts',
    code: "signal?.addEventListener('abort', abort, { once: true })",
    change: 'true -> false',
    reason: 'the listener is removed when the login ends, and a signal is aborted only once',
  },
  {
    file: 'src/target/shell/exchange.ts',
    code: "signal?.addEventListener('abort', abort, { once: true })",
    change: 'true -> false',
    reason: 'the listener is removed when the exchange ends, and a signal is aborted only once',
  },
  {
    file: 'src/target/open-target.ts',
    code: "options.signal?.addEventListener('abort', abort, { once: true })",
    change: 'true -> false',
    reason: 'the listener is removed when the target is open, and a signal is aborted only once',
  },
  {
    file: 'src/modules/deploy_record.ts',
    code: "id: '${print('deploy_id')}'",
    change: "'deploy_id' -> ''",
    reason: 'it is part of the example in the documentation, which test/docs compares',
  },
  {
    file: 'src/engine/play/host-order.ts',
    code: 'return [...hosts].sort((one, other) => (one.name < other.name ? -1 : 1))',
    change: '1 -> 2',
    reason: 'only the sign counts',
  },
]

export function isEquivalent({ file, code, change }: Mutation): boolean {
  return equivalents.some((one) => one.file === file && one.code === code && one.change === change)
}
