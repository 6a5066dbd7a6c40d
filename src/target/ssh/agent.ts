import ssh2 from 'ssh2'
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'

/** A key of the agent, with an agent that offers only this key. */
export interface AgentKey {
  readonly key: ParsedKey
  readonly agent: ssh2.BaseAgent
}

/** Returns the keys of the agent; none if there is no agent or it does not answer. */
export async function listAgentKeys(socket: string | undefined): Promise<AgentKey[]> {
  if (socket === undefined) return []
  const agent = ssh2.createAgent(socket)
  const keys = await new Promise<ParsedKey[]>((resolve) => {
    agent.getIdentities((error, identities) => {
      resolve(error === null || error === undefined ? ((identities ?? []) as ParsedKey[]) : [])
    })
  })
  return keys.map((key) => ({ key, agent: new OneKeyAgent(agent, key) }))
}

class OneKeyAgent extends ssh2.BaseAgent {
  readonly #agent: ssh2.BaseAgent
  readonly #key: ParsedKey

  constructor(agent: ssh2.BaseAgent, key: ParsedKey) {
    super()
    this.#agent = agent
    this.#key = key
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#key])
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, done)
  }
}
