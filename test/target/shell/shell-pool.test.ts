import { expect } from 'chai'

import { SessionLimitError } from '../../../src/target/pipes.ts'
import { ShellPool } from '../../../src/target/shell/shell-pool.ts'
import type { Shell } from '../../../src/target/shell/shell.ts'

/** A host that allows this many shells at once, and counts a closed shell for some more time. */
class Host {
  readonly opened: string[] = []
  open = 0
  most = 0
  refused = 0
  readonly #allowed: number

  constructor(allowed: number) {
    this.#allowed = allowed
  }

  async openShell(user: string): Promise<Shell> {
    await turn()
    if (this.open >= this.#allowed) {
      this.refused += 1
      throw new SessionLimitError('host', 'refused', 'no more')
    }
    this.open += 1
    this.most = Math.max(this.most, this.open)
    this.opened.push(user)
    let end: (value: object) => void = () => undefined
    const ended = new Promise<object>((resolve) => {
      end = resolve
    })
    const close = () => {
      void turn()
        .then(turn)
        .then(() => {
          this.open -= 1
          end({})
        })
    }
    return { user, ended, close } as unknown as Shell
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function poolOn(host: Host): ShellPool {
  return new ShellPool((user) => host.openShell(user))
}

async function useAll(pool: ShellPool, users: readonly string[]): Promise<string[]> {
  return Promise.all(
    users.map((user) =>
      pool.use(user, async (shell) => {
        await turn()
        return (shell as unknown as { user: string }).user
      }),
    ),
  )
}

describe('ShellPool', () => {
  const users = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']

  it('opens one shell for each user', async () => {
    const host = new Host(10)
    const pool = poolOn(host)
    await useAll(pool, ['a', 'b', 'a'])
    await useAll(pool, ['b', 'a'])
    expect(host.opened).to.deep.equal(['a', 'b'])
  })

  it('closes idle shells at the limit', async () => {
    const host = new Host(10)
    expect(await useAll(poolOn(host), users)).to.deep.equal(users)
    expect(host.most).to.equal(6)
  })

  it('opens no shell before one that it closed at the limit has ended', async () => {
    const host = new Host(6)
    expect(await useAll(poolOn(host), users)).to.deep.equal(users)
    expect(host.refused).to.equal(0)
  })

  for (const allowed of [1, 2, 3]) {
    it(`works with ${allowed} shells if the host allows no more`, async () => {
      const host = new Host(allowed)
      const pool = poolOn(host)
      expect(await useAll(pool, users)).to.deep.equal(users)
      expect(await useAll(pool, users)).to.deep.equal(users)
    })
  }

  it('fails if the host allows no shell, and retries with the next batch', async () => {
    const host = new Host(0)
    const pool = poolOn(host)
    for (const attempt of [1, 2]) {
      const error: unknown = await pool
        .use('a', () => Promise.resolve(attempt))
        .catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(SessionLimitError)
    }
  })
})
