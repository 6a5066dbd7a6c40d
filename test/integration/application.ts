import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { applicationClass } from './application-class.ts'

export interface ReleaseOptions {
  /**
   * The defect of /health: an error that ends the program, or status 200 with another page, or an error after the
   * switch, but only on a machine with a file `unlucky` in its log folder.
   */
  readonly health?: 'fatal' | 'wrong body' | 'fatal when live and unlucky'
  /** An additional migration; a failing one is missing from the next release. */
  readonly migration?: 'adds a column' | 'fails'
  /** True if the program of the front page has a syntax error. */
  readonly syntaxError?: boolean
  /** The number of classes that /classes loads, of a few kilobytes each. */
  readonly classes?: number
  /** More files, which replace those of the same path. */
  readonly files?: Readonly<Record<string, string>>
}

const unluckyHealth = `<?php
$release = dirname(__DIR__, 2);
$root = dirname($release, 2);
if (basename(readlink("$root/current")) === basename($release) && file_exists("$root/shared/log/unlucky")) {
    no_such_function();
}
header('Content-Type: application/json');
greeting();
echo json_encode(['status' => 'ok', 'version' => VERSION, 'database' => 'ok']), "\\n";
`

/**
 * A small PHP application in its own git repository, which the tests deploy. It needs a .env with DB_HOST,
 * DB_NAME, DB_USER and DB_PASSWORD alongside its public folder, and runs its migrations with bin/migrate.
 *
 * `/` and `/slow` read a row of the database, `/form` shows the posted data, `/classes` loads many classes, `/health`
 * returns JSON, `/version.txt` is a file. All except /health contain `version=v1;`.
 */
export class Application {
  readonly repository: string
  readonly #columns: string[] = []
  #releases = 0

  private constructor(repository: string) {
    this.repository = repository
  }

  static async create(): Promise<Application> {
    const application = new Application(await mkdtemp(join(tmpdir(), 'hostwright-application-')))
    await application.git('init', '--quiet', '--initial-branch=main')
    return application
  }

  /** Commits a version and tags it with its name. Returns the commit. */
  async release(version: string, options: ReleaseOptions = {}): Promise<string> {
    this.#releases += 1
    await this.#clear()
    await cp(join(import.meta.dirname, 'application'), this.repository, { recursive: true })
    const own = Object.entries(options.files ?? {})
    for (const [path, content] of [...this.#files(version, options), ...own]) await this.#write(path, content)
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--message', `Release ${version}`)
    await this.git('tag', version)
    return (await this.git('rev-parse', 'HEAD')).trim()
  }

  /** Runs git and returns its output, which depends neither on the user's settings nor on the clock. */
  async git(...argv: string[]): Promise<string> {
    const minute = String(this.#releases).padStart(2, '0')
    const { stdout } = await promisify(execFile)('git', ['-C', this.repository, ...argv], {
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada Author',
        GIT_AUTHOR_EMAIL: 'ada@foobar.example',
        GIT_AUTHOR_DATE: `2026-01-01T00:${minute}:00Z`,
        GIT_COMMITTER_NAME: 'Ada Author',
        GIT_COMMITTER_EMAIL: 'ada@foobar.example',
        GIT_COMMITTER_DATE: `2026-01-01T00:${minute}:00Z`,
      },
    })
    return stdout
  }

  async remove(): Promise<void> {
    await rm(this.repository, { recursive: true, force: true })
  }

  async #clear(): Promise<void> {
    const names = (await readdir(this.repository)).filter((name) => name !== '.git')
    await Promise.all(names.map((name) => rm(join(this.repository, name), { recursive: true })))
  }

  async #write(path: string, content: string): Promise<void> {
    const file = join(this.repository, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, content)
  }

  *#files(version: string, options: ReleaseOptions): Generator<[path: string, content: string]> {
    yield ['src/version.php', `<?php\nconst VERSION = '${version}';\n`]
    yield ['public/version.txt', `version=${version};\n`]
    for (let number = 0; number < (options.classes ?? 0); number += 1) {
      yield [`src/classes/Part${number}.php`, applicationClass(`Part${number}`, version)]
    }
    yield* this.#migrations(version, options.migration)
    if (options.syntaxError === true) yield ['src/pages/home.php', "<?php\necho 'version=' . ;\n"]
    switch (options.health) {
      case 'fatal':
        yield ['src/pages/health.php', '<?php\nno_such_function();\n']
        break
      case 'wrong body':
        yield ['src/pages/health.php', '<?php\necho "It works!\\n";\n']
        break
      case 'fatal when live and unlucky':
        yield ['src/pages/health.php', unluckyHealth]
        break
      case undefined:
    }
  }

  *#migrations(version: string, migration: ReleaseOptions['migration']): Generator<[string, string]> {
    if (migration === 'adds a column') this.#columns.push(`since_${version.replaceAll(/\W/g, '_')}`)
    for (const [index, column] of this.#columns.entries()) {
      const number = String(index + 3).padStart(3, '0')
      yield [`migrations/${number}-${column}.sql`, `ALTER TABLE notices ADD COLUMN ${column} INT NULL\n`]
    }
    if (migration === 'fails')
      yield ['migrations/999-broken.sql', 'ALTER TABLE no_such_table ADD COLUMN x INT\n']
  }
}
