import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Page {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A client that requests pages from a site on a throw-away machine, and keeps the cookies. */
export class Browser {
  readonly #host: string
  readonly #address: string
  readonly #cookies: string

  /** @param cookies the file for the cookies */
  constructor(host: string, address: string, cookies: string) {
    this.#host = host
    this.#address = address
    this.#cookies = cookies
  }

  get(path: string): Promise<Page> {
    return this.#ask(path)
  }

  /** Sends a form. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<Page> {
    return this.#ask(path, ...fields('--data-urlencode', form))
  }

  /** Sends a form with files: a value that starts with @ is the name of a file. */
  upload(path: string, form: Readonly<Record<string, string>>): Promise<Page> {
    return this.#ask(path, ...fields('--form', form))
  }

  async #ask(path: string, ...options: readonly string[]): Promise<Page> {
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--show-error', '--include', '--max-time', '30', '--noproxy', '*', '--path-as-is'],
      ...['--cookie', this.#cookies, '--cookie-jar', this.#cookies],
      ...['--resolve', `${this.#host}:80:${this.#address}`, ...options, `http://${this.#host}${path}`],
    ])
    const end = stdout.indexOf('\r\n\r\n')
    const [first = '', ...lines] = stdout.slice(0, end).split('\r\n')
    const headers = lines.map((line) => /^([^:]+): *(.*)$/.exec(line) ?? [])
    return {
      status: Number(first.split(' ')[1]),
      headers: new Map(headers.map(([, name = '', value = '']) => [name.toLowerCase(), value])),
      body: stdout.slice(end + 4),
    }
  }
}

function fields(option: string, form: Readonly<Record<string, string>>): string[] {
  return Object.entries(form).flatMap(([name, value]) => [option, `${name}=${value}`])
}
