import { writeFile } from 'node:fs/promises'
import { expect } from 'chai'

import { CodeBase } from '../deploy/code-base.ts'
import { underLoad } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import type { LiveRelease, LoadSettings } from '../load/settings.ts'
import { Browser } from './browser.ts'
import { failuresOf, hostwright, runJson, type CommandResult } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { machine, ssh } from './machine.ts'
import { changedTasks, siteHost, sitePlaybook } from './site.ts'
import { addWordPress, releaseWordPress } from './wordpress.ts'
import { Workplace } from './workplace.ts'

const url = `http://${siteHost}`
const administrator = { log: 'ada', pwd: 'correct horse' }

/** The group_vars of a team that uses WordPress. */
const settings = {
  app_public: '',
  nginx_php_scripts: 'all',
  php_extensions: ['curl', 'gd', 'mbstring', 'mysql', 'opcache', 'xml'],
  deploy_shared_directories: ['wp-content/uploads'],
  deploy_environment: {
    SITE_URL: url,
    DB_HOST: '<%= app_database_host %>',
    DB_NAME: '<%= app_database_name %>',
    DB_USER: '<%= app_database_user %>',
    DB_PASSWORD: '<%= app_database_password %>',
  },
  deploy_migration: 'php bin/database.php',
  deploy_migration_environment: {
    DB_USER: '<%= app_migration_user %>',
    DB_PASSWORD: '<%= app_migration_password %>',
    ADMIN_PASSWORD: administrator.pwd,
  },
  deploy_health_before_migration: [{ path: '/', status: [200, 302] }],
  deploy_health: [
    { path: '/', contains: 'version=' },
    { path: '/wp-login.php', contains: 'user_login' },
  ],
}

const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe('WordPress', () => {
  const target = machine({ name: 'wordpress', from: () => convergedSite('bookworm') })
  let workplace: Workplace
  let codeBase: CodeBase
  let browser: Browser
  /** The address of an uploaded file. */
  let uploaded: string
  const live: Record<string, LiveRelease> = {}

  before('a code base, and a folder to deploy it from', async () => {
    codeBase = await CodeBase.make()
    workplace = await Workplace.create()
  })
  before('the machine is prepared for it', async () => {
    browser = new Browser(siteHost, target.address, workplace.path('cookies'))
    const run = await runJson([sitePlaybook, ...options()], { cwd: workplace.folder })
    expect(failuresOf(run)).to.deep.equal([])
    expect(changedTasks(run)).to.include.members(['Write the sample page', 'Reload the live slot of PHP-FPM'])
  })
  before('the code base has two releases', async () => {
    await addWordPress(codeBase, target)
    for (const version of ['v1', 'v2']) live[version] = await releaseWordPress(codeBase, version)
  })
  after(async () => {
    await workplace.remove()
    await codeBase.remove()
  })

  it('sets up an empty database in its first deploy', async () => {
    await deploy('v1')
    expect(await version()).to.equal('v1')
    expect((await browser.get('/hello-world/')).body).to.include('Welcome to WordPress')
  })

  it('lets its author log in and upload a picture', async () => {
    await enter(browser)
    await writeFile(workplace.path('picture.png'), picture)
    const { body } = await browser.get('/wp-admin/media-new.php')
    const nonce = /name="_wpnonce" value="(\w+)"/.exec(body)?.[1] ?? ''
    const upload = { 'async-upload': `@${workplace.path('picture.png')}`, 'html-upload': 'Upload' }
    const sent = await browser.upload('/wp-admin/media-new.php', { ...upload, post_id: '0', _wpnonce: nonce })
    expect([sent.status, sent.headers.get('location')]).to.deep.equal([302, `${url}/wp-admin/upload.php`])
    const [medium] = JSON.parse((await browser.get('/wp-json/wp/v2/media')).body) as { source_url: string }[]
    uploaded = medium!.source_url.slice(url.length)
    expect(uploaded).to.match(/^\/wp-content\/uploads\/.*\/picture\.png$/)
    await expectPicture()
  })

  it('switches to the next release under load, and loses nothing', async () => {
    const settings: LoadSettings = {
      ...{ address: target.address, host: siteHost, live: live['v1']! },
      crowd: { page: 1, arrivals: 2, file: 1, idle: 1 },
      pages: { arrivals: '/hello-world/', idle: '/wp-login.php' },
    }
    const report = await underLoad(settings, async (load) => {
      await load.answers(20)
      await load.allow(live['v2']!)
      await deploy('v2')
      await load.settle()
      await load.answers(20)
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(Object.keys(report.total.releases), reportText(report)).to.have.length(2)
    expect(await version()).to.equal('v2')
  })

  it('keeps its pictures and the session of its author after the deploy', async () => {
    await expectPicture()
    const other = new Browser(siteHost, target.address, workplace.path('other-cookies'))
    await enter(other)
    for (const visitor of [browser, other]) {
      const { status, body } = await visitor.get('/wp-admin/')
      expect(status).to.equal(200)
      expect(body).to.include('<title>Dashboard')
    }
  })

  it('hides internal files from visitors', async () => {
    await root(`
      cd /srv/foobar/shared/wp-content/uploads
      echo '<?php echo "executed";' | tee evil.php >evil.PHP
      chown foobar: evil.*
    `)
    const paths = ['evil.php', 'evil.PHP', 'evil.php/', 'evil.php/x.png'].map(
      (name) => `/wp-content/uploads/${name}`,
    )
    for (const path of [...paths, '/.env', '/.git/config', '/release.json', '/fpm.sock']) {
      const { status, body } = await browser.get(path)
      expect([path, status]).to.deep.equal([path, 404])
      expect(body).not.to.match(/executed|<\?php|DB_|revision/)
    }
    // a program without output
    const { status, body } = await browser.get('/wp-config.php')
    expect([status, body]).to.deep.equal([200, ''])
  })

  it('rolls back to the previous release', async () => {
    const { code, stdout, stderr } = await command('rollback')
    expect(code, `${stdout}\n${stderr}`).to.equal(0)
    expect(await version()).to.equal('v1')
    await expectPicture()
  })

  function options(): string[] {
    return [...siteArguments(target), '-e', JSON.stringify(settings)]
  }

  async function command(...argv: readonly string[]): Promise<CommandResult> {
    return await hostwright([...argv, ...options()], { cwd: workplace.folder })
  }

  async function deploy(tag: string): Promise<void> {
    const { code, stdout, stderr } = await command('deploy', '--tag', tag, '--repo', codeBase.checkout)
    expect(code, `${stdout}\n${stderr}`).to.equal(0)
  }

  /** Returns the version that the home page shows. */
  async function version(): Promise<string | undefined> {
    return /version=(.+);/.exec((await browser.get('/')).body)?.[1]
  }

  async function enter(visitor: Browser): Promise<void> {
    // the login requires the cookie of this page
    expect((await visitor.get('/wp-login.php')).status).to.equal(200)
    const { status, headers } = await visitor.post('/wp-login.php', { ...administrator, testcookie: '1' })
    expect([status, headers.get('location')]).to.deep.equal([302, `${url}/wp-admin/`])
  }

  async function expectPicture(): Promise<void> {
    const { status, headers } = await browser.get(uploaded)
    expect([status, headers.get('content-type'), headers.get('content-length')]).to.deep.equal([
      ...[200, 'image/png', String(picture.length)],
    ])
  }

  async function root(script: string): Promise<void> {
    const { code, stderr } = await ssh(target, script, { user: 'root' })
    expect(code, stderr).to.equal(0)
  }
})
