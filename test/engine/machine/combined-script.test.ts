import { expect } from 'chai'
import fc from 'fast-check'

import { combineScripts } from '../../../src/engine/machine/combined-script.ts'
import { openTarget } from '../../../src/target/open-target.ts'
import { attach, sh, type Script } from '../../../src/target/sh.ts'
import type { Outcome, Target } from '../../../src/target/target.ts'

describe('combineScripts', () => {
  let target: Target
  before(async () => {
    target = await openTarget({ name: 'here', connection: 'local' })
  })
  after(() => target.close())

  async function run(scripts: readonly Script[]): Promise<Outcome[]> {
    const together = combineScripts(scripts)
    const [outcome] = await target.run({ scripts: [together.script], timeLimit: 20 })
    return outcome === undefined ? [] : together.outcomesOf(outcome)
  }

  it('counts the scripts as failed whose output is missing, and all if the whole fails', () => {
    const together = combineScripts([sh`one`, sh`two`])
    const cut = { stdout: '', stderr: 'cut', code: 0, timedOut: false }
    const missing = { stdout: '', stderr: '', code: 1, timedOut: false }
    expect(together.outcomesOf(cut)).to.deep.equal([missing, missing])
    const failed = { ...cut, code: 2 }
    expect(together.outcomesOf(failed)).to.deep.equal([failed, failed])
  })

  it('splits output, errors and exit codes of the scripts', async () => {
    const outcomes = await run([
      sh`echo one`,
      sh`echo two >&2; exit 3`,
      sh`printf three`,
      sh`false; echo never`,
    ])
    expect(outcomes).to.deep.equal([
      { stdout: 'one\n', stderr: '', code: 0, timedOut: false },
      { stdout: '', stderr: 'two\n', code: 3, timedOut: false },
      { stdout: 'three', stderr: '', code: 0, timedOut: false },
      { stdout: '', stderr: '', code: 1, timedOut: false },
    ])
  })

  it('leaves a single script as it is', () => {
    const script = sh`cat ${attach('data', 'a')}`
    expect(combineScripts([script]).script).to.equal(script)
  })

  it('isolates variables, folders, traps and attachments of the scripts', async () => {
    const outcomes = await run([
      sh`x=1; cd /tmp; trap 'echo bye' 0; cat ${attach('data', 'a')}; echo`,
      sh`echo "\${x-none} $PWD"; cd "$FILES"; cat data; : ${attach('data', 'b')}`,
    ])
    expect(outcomes.map((outcome) => outcome.stdout)).to.deep.equal(['a\nbye\n', 'none /\nb'])
  })

  it('passes the attachments of the only script that has any', async () => {
    const outcomes = await run([sh`echo one`, sh`cat ${attach('data', 'a')} ${attach('more', 'b')}`])
    expect(outcomes.map((outcome) => outcome.stdout)).to.deep.equal(['one\n', 'ab'])
  })

  it('runs the scripts in parallel', async () => {
    const waits = sh`mkdir "$FILES.a"; while [ ! -d "$FILES.b" ]; do sleep 0.01; done; echo a`
    const lets = sh`while [ ! -d "$FILES.a" ]; do sleep 0.01; done; mkdir "$FILES.b"; echo b`
    expect((await run([waits, lets])).map((outcome) => outcome.stdout)).to.deep.equal(['a\n', 'b\n'])
  })

  it('accepts any output', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
        async (texts) => {
          const outcomes = await run(texts.map((text) => sh`cat ${attach('text', text)}`))
          expect(outcomes.map((outcome) => outcome.stdout)).to.deep.equal(texts)
        },
      ),
      { numRuns: 30 },
    )
  })
})
