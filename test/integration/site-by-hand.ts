import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { Machine } from '../../src/sandbox/index.ts'
import type { LiveRelease } from '../load/settings.ts'
import type { Application } from './application.ts'
import { rootOn } from './machine.ts'

/** The paths of the site that playbooks/site.yml sets up on bookworm. */
const layout = {
  host: 'www.foobar.com',
  root: '/srv/foobar',
  account: 'foobar',
  database: 'foobar',
  pool: 'php8.2-fpm',
  socket: '/run/foobar-php/pool.sock',
  poolLog: '/var/log/php8.2-fpm.log',
  poolSettings: '/etc/php/8.2/fpm/pool.d/00-global.conf',
}

/** Performs the steps of a deploy by hand on a converged machine, to test the harness. */
export class SiteByHand {
  readonly #machine: Machine
  readonly #password: string

  constructor(machine: Machine, password: string) {
    this.#machine = machine
    this.#password = password
  }

  /** Makes every answer name its release, and lets the application create its tables. */
  async prepare(): Promise<void> {
    await this.root(`
      mariadb -e "GRANT CREATE, ALTER ON ${layout.database}.* TO '${layout.account}'@'localhost'"
    `)
  }

  /** Adds a version alongside the others, and migrates the database. */
  async place(application: Application, version: string): Promise<LiveRelease> {
    const archive = await promisify(execFile)(
      'git',
      ['-C', application.repository, 'archive', '--format=tar.gz', version],
      { encoding: 'base64', maxBuffer: 64 * 1024 * 1024 },
    )
    const release = `by-hand-${version}`
    await this.root(`
      mkdir ${layout.root}/releases/${release}
      cd ${layout.root}/releases/${release}
      base64 -d <<'END' | tar -xzf -
${archive.stdout}
END
      cat >.env <<'END'
DB_HOST=localhost
DB_NAME=${layout.database}
DB_USER=${layout.account}
DB_PASSWORD=${this.#password}
END
      ln -s ${layout.socket} fpm.sock
      chown ${layout.account} .env
      chmod 400 .env
      php bin/migrate
    `)
    return { release, version }
  }

  async makeCurrent({ release }: LiveRelease): Promise<void> {
    await this.root(`
      cd ${layout.root}
      ln -s releases/${release} current.next
      mv -T current.next current
    `)
  }

  /** Restarts PHP-FPM so that its next reload waits this many seconds for running requests. */
  async setReloadPatience(seconds: number): Promise<void> {
    await this.root(`
      sed -i 's/^process_control_timeout = .*/process_control_timeout = ${seconds}s/' ${layout.poolSettings}
      systemctl restart ${layout.pool}
    `)
  }

  /** Reloads PHP-FPM and waits for the new workers; `systemctl reload` returns when the signal is sent. */
  async reloadPool(): Promise<void> {
    await this.root(`
      lines=$(wc -l <${layout.poolLog})
      systemctl reload ${layout.pool}
      timeout 60 sh -c 'tail -n +"$1" -F ${layout.poolLog} | grep -q -m 1 "ready to handle connections"' - $((lines + 1))
    `)
  }

  /** Requests a page. Returns its status and body. */
  async page(path: string): Promise<string> {
    return await this.root(`
      body=$(mktemp)
      curl -s -o "$body" -w '%{http_code} ' -H 'Host: ${layout.host}' 'http://127.0.0.1${path}'
      cat "$body"
    `)
  }

  /** Returns the number of requests that Nginx has answered, by status. */
  async answered(): Promise<Map<string, number>> {
    const counts = await this.root(`
      awk '$2 == "${layout.host}" { sub(/^[^"]*"[^"]*" /, ""); print $1 }' /var/log/nginx/access.log | sort | uniq -c
    `)
    return new Map([...counts.matchAll(/(\d+) (\d+)/g)].map(([, count, status]) => [status!, Number(count)]))
  }

  /** Returns the output of a script of root; throws if it fails. */
  root(script: string): Promise<string> {
    return rootOn(this.#machine, script)
  }
}
