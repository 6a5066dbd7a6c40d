import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { $ } from 'zx'

import { openRepository } from '../../../src/deploy/repository/repository.ts'
import { readSigningKeys } from '../../../src/deploy/repository/signing-keys.ts'
import { SignatureError } from '../../../src/deploy/repository/tag-signature.ts'
import { CodeBase, failureOf, withoutGitConfiguration } from '../code-base.ts'
import { makeSshKey, signTag } from './ssh-key.ts'

const hasGnuPG = spawnSync('gpg', ['--version']).error === undefined

describe('the signature of a tag', () => {
  let codeBase: CodeBase
  withoutGitConfiguration()
  beforeEach(async () => {
    codeBase = await CodeBase.make()
  })
  afterEach(async () => {
    await codeBase.remove()
  })

  async function verify(tag: string, keys: string): Promise<string> {
    const repository = await openRepository(codeBase.location, {
      folder: codeBase.folder,
      say: () => undefined,
    })
    return repository.verifyTag(tag, await readSigningKeys(keys))
  }

  async function refusal(tag: string, keys: string): Promise<string> {
    const failure = await failureOf(verify(tag, keys))
    expect(failure).to.be.instanceOf(SignatureError)
    return failure.message
  }

  describe('with SSH', () => {
    it('accepts a signature by a trusted key', async () => {
      const key = await makeSshKey(codeBase, 'ada@example.com')
      await codeBase.commit()
      await signTag(codeBase, 'v1', key)
      expect(await verify('v1', key.allowedSigners)).to.match(
        /^Good "git" signature for ada@example.com with ED25519 key SHA256:/,
      )
    })

    it('rejects a signature by another key, even with the same owner', async () => {
      const key = await makeSshKey(codeBase, 'ada@example.com')
      const other = await makeSshKey(codeBase, 'ada@example.com')
      await codeBase.commit()
      await signTag(codeBase, 'v1', other)
      expect(await refusal('v1', key.allowedSigners)).to.match(
        /^tag 'v1' is not signed with a trusted key:\n.*No principal matched/s,
      )
    })

    it('rejects a renamed and a changed tag', async () => {
      const key = await makeSshKey(codeBase, 'ada@example.com')
      await codeBase.commit()
      await signTag(codeBase, 'v1', key)
      await codeBase.git('update-ref', 'refs/tags/v2', 'refs/tags/v1')
      expect(await refusal('v2', key.allowedSigners)).to.equal(
        "tag 'v2' is a renamed tag: its signature is for 'v1'",
      )
      const text = await codeBase.git('cat-file', 'tag', 'v1')
      const changed = join(codeBase.root, 'changed')
      await writeFile(changed, `${text.replace('tag v1', 'tag v3')}\n`)
      const object = await codeBase.git('hash-object', '-t', 'tag', '-w', changed)
      await codeBase.git('update-ref', 'refs/tags/v3', object)
      expect(await refusal('v3', key.allowedSigners)).to.contain('is not signed with a trusted key')
    })
  })

  it('rejects an unsigned and a lightweight tag', async () => {
    const { allowedSigners } = await makeSshKey(codeBase, 'ada@example.com')
    await codeBase.release('annotated')
    await codeBase.git('tag', 'light')
    expect(await refusal('annotated', allowedSigners)).to.equal("tag 'annotated' is not signed")
    expect(await refusal('light', allowedSigners)).to.equal(
      "tag 'light' is not signed: it is a lightweight tag",
    )
  })

  it('reports that the file with the keys does not exist', async () => {
    const failure = await failureOf(readSigningKeys(join(codeBase.root, 'none')))
    expect(failure.message).to.contain('cannot read the keys for signed tags: ENOENT')
  })

  describe('with GnuPG', () => {
    before(function () {
      if (!hasGnuPG) this.skip()
    })

    it('accepts only signatures by a key in the keyring or in the exported keys', async () => {
      const [ada, eve] = [await makeKeyring('ada'), await makeKeyring('eve')]
      await codeBase.commit()
      await signWith(ada, 'v1')
      await signWith(eve, 'v2')
      for (const keys of [ada, await exported(ada, '--armor'), await exported(ada, '--no-armor')]) {
        expect(await verify('v1', keys)).to.contain('Good signature from "ada <ada@example.com>"')
        expect(await refusal('v2', keys)).to.match(/is not signed with a trusted key:\n.*No public key/s)
      }
    })

    it("rejects a PGP signature if the trusted keys are SSH keys, even if the user's keyring has the key", async () => {
      const ada = await makeKeyring('ada')
      const { allowedSigners } = await makeSshKey(codeBase, 'ada@example.com')
      await codeBase.commit()
      await signWith(ada, 'v1')
      process.env['GNUPGHOME'] = ada
      try {
        expect(await refusal('v1', allowedSigners)).to.equal(
          "tag 'v1' is signed with PGP, but the trusted keys are SSH keys",
        )
      } finally {
        Reflect.deleteProperty(process.env, 'GNUPGHOME')
      }
    })

    const homes: string[] = []
    afterEach(async () => {
      for (const home of homes.splice(0)) await $({ quiet: true })`gpgconf --homedir ${home} --kill all`
    })

    async function makeKeyring(name: string): Promise<string> {
      const home = join(codeBase.root, name)
      await mkdir(home, { mode: 0o700 })
      homes.push(home)
      const who = `${name} <${name}@example.com>`
      await $({
        quiet: true,
      })`gpg --homedir ${home} --batch --passphrase ${''} --quick-generate-key ${who} ed25519 sign`
      return home
    }

    async function exported(home: string, form: string): Promise<string> {
      const file = `${home}${form}`
      await $({ quiet: true })`gpg --homedir ${home} --batch ${form} --output ${file} --export`
      expect((await readFile(file)).length).to.be.greaterThan(0)
      return file
    }

    async function signWith(home: string, tag: string): Promise<void> {
      process.env['GNUPGHOME'] = home
      try {
        await codeBase.git('-c', 'user.signingKey=', 'tag', '--local-user=@example.com', '-m', tag, tag)
      } finally {
        Reflect.deleteProperty(process.env, 'GNUPGHOME')
      }
    }
  })
})
