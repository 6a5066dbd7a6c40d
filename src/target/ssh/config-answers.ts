import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

import { matchesPattern } from './known-hosts.ts'

interface Printed {
  readonly stdout: string
  readonly stderr: string
}

interface Answer {
  readonly host: string
  readonly options: readonly string[]
  readonly printed: Promise<Printed>
}

/** The error if ssh cannot read its configuration. */
export class BrokenConfigError extends Error {}

/** The output of `ssh -G` for hosts. Hosts with the same output share one process. */
export class ConfigAnswers {
  readonly #answers = new Map<string, Answer>()
  #first: Answer | undefined
  #blocks: Promise<HostBlocks | undefined> | undefined

  /** Returns an empty string if ssh is not installed. Throws BrokenConfigError. @param options of ssh */
  async of(host: string, options: readonly string[]): Promise<string> {
    const first = (this.#first ??= ask(host, options))
    this.#blocks ??= first.printed.then(
      (printed) => HostBlocks.read(printed),
      () => undefined,
    )
    const blocks = await this.#blocks
    const matching = blocks?.matching(host)
    if (blocks === undefined || matching === undefined) return stdoutOf(this.#firstOr(host, options))
    const key = JSON.stringify([options, matching])
    const known = this.#answers.get(key)
    if (known !== undefined && !blocks.names(known.host))
      return withHostName(await stdoutOf(known), known.host, host)
    const answer = this.#firstOr(host, options)
    this.#answers.set(key, answer)
    return stdoutOf(answer)
  }

  #firstOr(host: string, options: readonly string[]): Answer {
    const first = this.#first
    return first?.host === host && first.options.join('\0') === options.join('\0')
      ? first
      : ask(host, options)
  }
}

async function stdoutOf({ printed }: Answer): Promise<string> {
  return (await printed).stdout
}

// With -v, ssh prints the paths of its configuration files.
function ask(host: string, options: readonly string[]): Answer {
  const printed = new Promise<Printed>((resolve, reject) => {
    execFile('ssh', ['-G', '-v', ...options, '--', host], (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr })
      else if (error.code === 'ENOENT') resolve({ stdout: '', stderr: '' })
      else reject(new BrokenConfigError(withoutDebugMessages(stderr)))
    })
  })
  return { host, options, printed }
}

function withoutDebugMessages(stderr: string): string {
  return stderr
    .replaceAll('\r', '')
    .replaceAll(/^(debug\d: |OpenSSH_).*\n/gm, '')
    .trim()
}

function withHostName(stdout: string, from: string, to: string): string {
  return stdout.replace(/^hostname (.*)$/m, (line, name: string) => (name === from ? `hostname ${to}` : line))
}

/** The Host lines of a configuration. Hosts that match the same lines get the same output. */
class HostBlocks {
  readonly #lines: readonly (readonly string[])[]
  readonly #hostNames: ReadonlySet<string>

  private constructor(lines: readonly (readonly string[])[], hostNames: ReadonlySet<string>) {
    this.#lines = lines
    this.#hostNames = hostNames
  }

  /** Returns undefined if the output depends, or may depend, on more than the Host lines. */
  static async read({ stderr }: Printed): Promise<HostBlocks | undefined> {
    if (!/^OpenSSH_/m.test(stderr)) return undefined
    const files = [...stderr.matchAll(/^debug1: Reading configuration data (.*)$/gm)].map(
      ([, file]) => file ?? '',
    )
    const hostLines: string[][] = []
    const hostNames = new Set<string>()
    try {
      for (const file of files) {
        for (const line of (await readFile(file, 'utf8')).split('\n')) {
          if (line.trimStart().startsWith('"')) return undefined
          const [, keyword, value] = /^\s*(\w+)[\s=]+(.*)/.exec(line) ?? []
          if (keyword === undefined || value === undefined) continue
          const name = keyword.toLowerCase()
          if (dependsOnMore(name, value)) return undefined
          if (name === 'host') hostLines.push(value.trim().split(/\s+/))
          if (name === 'hostname') hostNames.add(value.trim().toLowerCase())
        }
      }
    } catch {
      return undefined
    }
    return new HostBlocks(hostLines, hostNames)
  }

  /** Returns whether each Host line matches the host. Returns undefined if ssh may change the name. */
  matching(host: string): boolean[] | undefined {
    if (host !== host.toLowerCase()) return undefined
    return this.#lines.map((patterns) => matches(patterns, host))
  }

  /** Returns whether the configuration sets this address for any host. */
  names(host: string): boolean {
    return this.#hostNames.has(host)
  }
}

function dependsOnMore(keyword: string, value: string): boolean {
  switch (keyword) {
    case 'match':
      return value.trim().toLowerCase() !== 'all'
    case 'canonicalizehostname':
      return value.trim().toLowerCase() !== 'no'
    case 'host':
    case 'hostname':
      return /["'#\\%]/.test(value)
    case 'controlpath':
      return false
    default:
      // ssh may replace a token by the host's name or a value that depends on it.
      return value.includes('%')
  }
}

/** Returns whether the patterns match. A matching pattern with `!` takes precedence. */
function matches(patterns: readonly string[], host: string): boolean {
  const matching = patterns.filter((pattern) => matchesPattern(pattern.replace(/^!/, ''), host))
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'))
}
