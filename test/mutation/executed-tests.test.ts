import { expect } from 'chai'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { measuredIn } from './executed-tests.ts'
import { projectFolder } from './places.ts'
import type { Message } from './test-process.ts'

describe('the tests that execute a statement', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mutation-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  const cases: [kind: string, text: string, titles: string[], isComplete: boolean][] = [
    ['all tests pass', "it('a', () => {})", ['a'], true],
    ['a test fails', "it('a', () => {}); it('b', () => { throw Error() })", ['a'], false],
    ['a test skips itself', "it('a', () => {}); it('b', function () { this.skip() })", ['a'], false],
    [
      'a hook fails',
      "it('a', () => {}); describe('x', () => { before(() => { throw Error() }); it('b', () => {}) })",
      ['a'],
      false,
    ],
    [
      'a hook skips its tests',
      "it('a', () => {}); describe('x', () => { before(function () { this.skip() }); it('b', () => {}) })",
      ['a'],
      false,
    ],
  ]
  for (const [index, [kind, text, titles, isComplete]] of cases.entries())
    it(`${isComplete ? 'keeps' : 'does not keep'} the result for the next run if ${kind}`, async () => {
      const file = join(folder, `${index}.test.mjs`)
      writeFileSync(file, text)
      const messages = await messagesOf(file)
      const hasFailed = messages.some((message) => message.type === 'end' && message.failure !== undefined)
      const ended = hasFailed ? ({ type: 'failed', failure: '' } as const) : ({ type: 'passed' } as const)
      const measured = measuredIn(file, { ...ended, messages })
      expect(measured.execution.tests.map(({ title }) => title)).to.deep.equal(titles)
      expect(measured.isComplete).to.equal(isComplete)
    })
})

/** Runs a test file in a process of its own, without isolation. */
async function messagesOf(file: string): Promise<Message[]> {
  const program = join(projectFolder, 'test/mutation/test-process.ts')
  const child = fork(program, { cwd: projectFolder, execArgv: ['--import', 'tsx'] })
  const messages: Message[] = []
  const ended = new Promise<void>((resolve) => {
    child.on('message', (message: Message) => {
      messages.push(message)
      if (message.type === 'end') resolve()
    })
    child.on('exit', resolve)
  })
  child.send([{ file }])
  await ended
  child.disconnect()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return messages
}
