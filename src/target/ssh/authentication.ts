import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2'

import { UserError } from '../../errors.ts'
import type { Ask } from '../settings.ts'
import { listAgentKeys } from './agent.ts'
import type { AgentKey } from './agent.ts'
import { decrypt, readKeyFile } from './private-key.ts'
import type { KeyFile } from './private-key.ts'

export interface AuthenticationSettings {
  readonly user: string
  readonly password?: string
  readonly privateKeyFiles: readonly string[]
  readonly defaultKeyFiles: readonly string[]
  readonly identitiesOnly: boolean
  readonly agent?: string
  readonly ask?: Ask
}

/** A way to authenticate, with its name in messages. */
export interface Attempt {
  readonly label: string
  readonly type: AnyAuthMethod['type']
  /**
   * @param ask is called during the attempt if the host asks a question
   * @param fail ends the login if a question cannot be answered
   */
  method(ask: Ask | undefined, fail: (error: unknown) => void): Promise<AnyAuthMethod>
}

/** The attempts, the most likely first, and the reasons why other keys are unusable. */
export interface Attempts {
  readonly attempts: readonly Attempt[]
  readonly unusable: readonly string[]
}

export async function prepareAttempts(settings: AuthenticationSettings): Promise<Attempts> {
  const files = [...settings.privateKeyFiles, ...settings.defaultKeyFiles]
  const [agentKeys, ...keyFiles] = await Promise.all([
    listAgentKeys(settings.agent),
    ...files.map(readKeyFile),
  ])
  settings.privateKeyFiles.forEach((file, index) => {
    const keyFile = keyFiles[index]
    if (keyFile?.type === 'exposed') throw new UserError(`the key ${file} is refused: ${keyFile.reason}`)
  })
  const unusable: string[] = []
  const fromFiles = files.map((file, index) => {
    const keyFile = keyFiles[index] ?? { type: 'missing' }
    const attempt = keyFileAttempt(file, keyFile, agentKeys, settings)
    if (typeof attempt !== 'string') return { attempt, publicKey: publicKeyOf(keyFile) }
    if (keyFile.type !== 'missing' || settings.privateKeyFiles.includes(file)) unusable.push(attempt)
    return undefined
  })
  const chosen = fromFiles.slice(0, settings.privateKeyFiles.length).filter(isThere)
  const defaults = fromFiles.slice(settings.privateKeyFiles.length).filter(isThere)
  const others = agentKeys.filter(
    ({ key }) => ![...chosen, ...defaults].some((file) => file.publicKey?.equals(key.getPublicSSH())),
  )
  return {
    attempts: [
      ...chosen.map((file) => file.attempt),
      ...passwordAttempts(settings),
      ...(settings.identitiesOnly ? [] : others.map((key) => agentAttempt(settings.user, key))),
      ...defaults.map((file) => file.attempt),
    ],
    unusable,
  }
}

/** Returns an attempt, or the reason why the key is unusable. */
function keyFileAttempt(
  file: string,
  keyFile: KeyFile,
  agentKeys: readonly AgentKey[],
  { user, ask }: AuthenticationSettings,
): Attempt | string {
  const publicKey = publicKeyOf(keyFile)
  const held = agentKeys.find(({ key }) => publicKey?.equals(key.getPublicSSH()))
  const label = `the key ${file}`
  switch (keyFile.type) {
    case 'key':
      return { label, type: 'publickey', method: () => Promise.resolve(publicKeyMethod(user, keyFile.key)) }
    case 'encrypted':
      if (held !== undefined) return agentAttempt(user, held)
      if (ask === undefined)
        return `${label} is encrypted, and there is no terminal to ask for its passphrase`
      return {
        label,
        type: 'publickey',
        method: async () => publicKeyMethod(user, await decrypt(file, keyFile.content, ask)),
      }
    case 'public':
      return held === undefined ? `the agent does not hold ${label}` : agentAttempt(user, held)
    case 'missing':
      return `${file} does not exist`
    case 'unreadable':
      return `${label} cannot be read: ${keyFile.reason}`
    case 'exposed':
      return `${label} is refused: ${keyFile.reason}`
  }
}

function publicKeyMethod(username: string, key: ParsedKey): AnyAuthMethod {
  return { type: 'publickey', username, key }
}

function agentAttempt(username: string, { key, agent }: AgentKey): Attempt {
  return {
    label: `the agent's key ${key.comment === '' ? key.type : key.comment}`,
    type: 'agent',
    method: () => Promise.resolve({ type: 'agent', username, agent }),
  }
}

/** Many servers accept a password only by keyboard-interactive, which can also ask for a one-time code. */
function passwordAttempts({ user, password }: AuthenticationSettings): Attempt[] {
  if (password === undefined) return []
  return [
    {
      label: 'the password',
      type: 'password',
      method: () => Promise.resolve({ type: 'password', username: user, password }),
    },
    keyboardAttempt(user, password),
  ]
}

/** The number of questions of a host that the user is asked per login. Further ones get an empty answer. */
const questionLimit = 10

/** The number of characters of a question that the user sees. */
const questionLength = 500

/** Answers the first hidden prompt with the password, and asks the user for all others. */
export function keyboardAttempt(user: string, password: string | undefined): Attempt {
  let left = password
  let questions = 0
  const answer = async (prompt: Prompt, ask: Ask | undefined) => {
    questions += 1
    if (questions > questionLimit) return ''
    if (prompt.echo !== true && left !== undefined) {
      const given = left
      left = undefined
      return given
    }
    return (await ask?.(prompt.prompt.slice(0, questionLength), { secret: prompt.echo !== true })) ?? ''
  }
  return {
    label: 'keyboard-interactive',
    type: 'keyboard-interactive',
    method: (ask, fail) =>
      Promise.resolve({
        type: 'keyboard-interactive',
        username: user,
        prompt(_name, _instructions, _language, prompts, finish) {
          void answerAll(prompts, (question) => answer(question, ask)).then(finish, fail)
        },
      }),
  }
}

async function answerAll(
  prompts: readonly Prompt[],
  answer: (prompt: Prompt) => Promise<string>,
): Promise<string[]> {
  const answers: string[] = []
  for (const prompt of prompts) answers.push(await answer(prompt))
  return answers
}

function publicKeyOf(keyFile: KeyFile): Buffer | undefined {
  switch (keyFile.type) {
    case 'key':
      return keyFile.key.getPublicSSH()
    case 'encrypted':
    case 'public':
      return keyFile.publicKey
    case 'missing':
    case 'unreadable':
    case 'exposed':
      return undefined
  }
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined
}
