import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { decrypt, readKeyFile } from '../../../src/target/ssh/private-key.ts'
import { keyPair } from './ssh-server.ts'

describe('a private key', () => {
  const pair = keyPair('ed25519', 'sesame')
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-key-'))
    file = join(folder, 'key')
    writeFileSync(file, pair.private, { mode: 0o600 })
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('has the public key of a .pub file that appears later', async () => {
    expect(await readKeyFile(file))
      .to.include({ type: 'encrypted' })
      .and.not.have.property('publicKey')
    writeFileSync(`${file}.pub`, pair.public)
    expect(await readKeyFile(file)).to.deep.include({ type: 'encrypted', publicKey: pair.publicKey })
  })

  describe('with a passphrase', () => {
    /** Answers the questions in order, and records them. */
    const answering = (answers: readonly string[]) => {
      const questions: string[] = []
      const ask = (question: string): Promise<string> => {
        questions.push(question)
        return Promise.resolve(answers[questions.length - 1] ?? 'sesame')
      }
      return { questions, ask }
    }
    const content = Buffer.from(pair.private)

    it('is decrypted with the third answer, and not asked for again in the same run', async () => {
      const { questions, ask } = answering(['wrong', 'also wrong', 'sesame'])
      const [key, again] = await Promise.all([decrypt(file, content, ask), decrypt(file, content, ask)])
      expect(key.isPrivateKey()).to.equal(true)
      expect(again).to.equal(key)
      const question = `Passphrase for the key ${file}: `
      const repeated = `Wrong passphrase. ${question}`
      expect(questions).to.deep.equal([question, repeated, repeated])
    })

    for (const [title, answers, count] of [
      ['three wrong answers', ['a', 'b', 'c'], 3],
      ['an empty answer', ['', 'sesame'], 1],
    ] as const)
      it(`stays encrypted after ${title}`, async () => {
        const { questions, ask } = answering(answers)
        const failure = await decrypt(file, content, ask).catch((error: unknown) => error)
        expect(failure).to.have.property('message', `cannot decrypt the key ${file}: wrong passphrase`)
        expect(questions).to.have.length(count)
      })
  })
})
