import { expect } from 'chai'
import fc from 'fast-check'

import { AnswerReader, encodeCancel } from '../../../src/target/shell/frame.ts'
import type { Answer } from '../../../src/target/shell/frame.ts'
import type { Outcome } from '../../../src/target/target.ts'

const nonce = 'f00dfeedf00dfeed'

function encodeAnswer(id: number, outcomes: readonly Outcome[], end = 'end'): Buffer {
  const scripts = outcomes.map(({ code, stdout, stderr, timedOut }) => {
    const word = timedOut ? 'expired' : String(code)
    return `${stdout}${nonce} out\n${stderr}${nonce} code ${word}\n`
  })
  return Buffer.from(`${nonce} begin ${id}\n${scripts.join('')}${nonce} ${end} ${id}\n`)
}

const anyOutcome = fc.record({
  code: fc.integer({ min: 0, max: 255 }),
  stdout: fc.string({ unit: 'grapheme' }),
  stderr: fc.string({ unit: 'grapheme' }),
  timedOut: fc.constant(false),
})

describe('encodeCancel', () => {
  it('encodes the number of the batch', () => {
    expect(encodeCancel(3)).to.equal('cancel 3\n')
  })
})

describe('AnswerReader', () => {
  it('reads an answer in chunks of any size, and ignores noise before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyOutcome, { maxLength: 3 }), { maxLength: 3 }),
        fc.string(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (batches, noise, sizes) => {
          const wire = Buffer.concat([
            Buffer.from(noise),
            ...batches.map((outcomes, index) => encodeAnswer(index, outcomes)),
          ])
          const reader = new AnswerReader(nonce)
          const answers: Answer[] = []
          for (let start = 0, turn = 0; start < wire.length; turn += 1) {
            const size = sizes[turn % sizes.length]!
            answers.push(...reader.push(wire.subarray(start, start + size)))
            start += size
          }
          expect(answers).to.deep.equal(batches.map((outcomes, id) => ({ type: 'outcomes', id, outcomes })))
        },
      ),
    )
  })

  it('returns nothing before the last byte of an answer', () => {
    const outcome = { code: 0, stdout: 'out\n', stderr: 'err', timedOut: false }
    const wire = encodeAnswer(7, [outcome, outcome])
    for (let length = 0; length < wire.length; length += 1)
      expect(new AnswerReader(nonce).push(wire.subarray(0, length))).to.deep.equal([])
    expect(new AnswerReader(nonce).push(wire)).to.have.length(1)
  })

  it('distinguishes a time limit from an exit code of 124', () => {
    const wire = encodeAnswer(1, [{ code: 124, stdout: '', stderr: '', timedOut: true }])
    const [answer] = new AnswerReader(nonce).push(wire)
    expect(answer).to.have.nested.property('outcomes[0].timedOut', true)
    expect(answer).to.have.nested.property('outcomes[0].code', 124)
  })

  it('returns the script that the guard stopped', () => {
    const answer = `${nonce} begin 1\n${nonce} out\nlock lost\n${nonce} code stopped\n${nonce} end 1\n`
    expect(new AnswerReader(nonce).push(Buffer.from(answer))).to.deep.equal([
      {
        type: 'outcomes',
        id: 1,
        outcomes: [{ code: 125, stdout: '', stderr: 'lock lost\n', timedOut: false, stopped: true }],
      },
    ])
  })

  it('returns cancelled and refused batches, and fatal errors', () => {
    const reader = new AnswerReader(nonce)
    expect(reader.push(encodeAnswer(4, [], 'cancelled'))).to.deep.equal([{ type: 'cancelled', id: 4 }])
    expect(reader.push(Buffer.from(`${nonce} refused 5 no room for it\n`))).to.deep.equal([
      { type: 'refused', id: 5, message: 'no room for it' },
    ])
    expect(reader.push(Buffer.from(`${nonce} fatal no room left\n`))).to.deep.equal([
      { type: 'fatal', message: 'no room left' },
    ])
  })

  it('rejects an unknown frame', () => {
    expect(() => new AnswerReader(nonce).push(Buffer.from(`${nonce} hello\n`))).to.throw(
      'unknown frame: hello',
    )
  })
})
