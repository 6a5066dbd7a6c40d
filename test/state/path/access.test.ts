import { expect } from 'chai'

import { PathAccess } from '../../../src/state/path/access.ts'
import { type Access, parseAccess } from '../../../src/state/path/attributes.ts'
import type { PathState } from '../../../src/state/path/value.ts'

const users: Readonly<Record<string, number>> = { root: 0, deploy: 1000, app: 1001, 'www-data': 33 }

/** The owner, group and mode, such as "deploy:www-data 2775". */
function access(text: string, type = 0o040000): Access {
  const [names = '', mode = ''] = text.split(' ')
  const [owner = '', group = ''] = names.split(':')
  const bits = (type | parseInt(mode, 8)).toString(16)
  return parseAccess(`${bits}:${users[owner] ?? 9}:${users[group] ?? 9}:${owner}:${group}`)
}

function accessOf(self: string, folders: Readonly<Record<string, string>>): PathAccess {
  const found = new PathAccess(access(`${self}:${self} 755`))
  for (const [path, text] of Object.entries({ '': 'root:root 755', ...folders }))
    found.addFolder(path, access(text))
  return found
}

interface Replacement {
  readonly title: string
  readonly self: string
  readonly folders: Readonly<Record<string, string>>
  readonly path: string
  /** The user who can replace the path, and the directory; undefined means no other user. */
  readonly by: string | undefined
}

const replacements: readonly Replacement[] = [
  {
    title: 'in a directory of root',
    self: 'root',
    folders: { '/etc': 'root:root 755' },
    path: '/etc/hosts',
    by: undefined,
  },
  {
    title: 'in a directory of another user',
    self: 'root',
    folders: { '/home': 'root:root 755', '/home/deploy': 'deploy:deploy 755' },
    path: '/home/deploy/.profile',
    by: 'user deploy in /home/deploy',
  },
  {
    title: 'in a directory of root below one of another user',
    self: 'root',
    folders: { '/srv': 'root:root 755', '/srv/app': 'app:app 755', '/srv/app/etc': 'root:root 755' },
    path: '/srv/app/etc/config',
    by: 'user app in /srv/app',
  },
  {
    title: 'in a directory of the user who reads',
    self: 'deploy',
    folders: { '/srv': 'root:root 755', '/srv/app': 'deploy:deploy 755' },
    path: '/srv/app/config',
    by: undefined,
  },
  {
    title: "in a directory for the group of the user's own name",
    self: 'deploy',
    folders: { '/home': 'root:root 755', '/home/deploy': 'deploy:deploy 775' },
    path: '/home/deploy/.profile',
    by: undefined,
  },
  {
    title: 'in a directory for another group',
    self: 'deploy',
    folders: { '/srv': 'root:root 755', '/srv/app': 'deploy:www-data 2775' },
    path: '/srv/app/config',
    by: 'group www-data in /srv/app',
  },
  {
    title: 'in a directory of root for the group of root',
    self: 'root',
    folders: { '/srv': 'root:root 775' },
    path: '/srv/config',
    by: 'group root in /srv',
  },
  {
    title: 'in a directory of root for another group',
    self: 'root',
    folders: { '/var': 'root:root 755', '/var/log': 'root:syslog 775' },
    path: '/var/log/syslog',
    by: 'group syslog in /var/log',
  },
  {
    title: 'in a directory for all',
    self: 'root',
    folders: { '/share': 'root:root 777' },
    path: '/share/config',
    by: 'every user in /share',
  },
  {
    title: 'in a sticky directory, if it is absent or owned by another user',
    self: 'root',
    folders: { '/tmp': 'root:root 1777' },
    path: '/tmp/config',
    by: 'every user in /tmp (sticky)',
  },
  {
    title: 'in a directory of root that is in a sticky directory',
    self: 'root',
    folders: { '/tmp': 'root:root 1777', '/tmp/work': 'root:root 700' },
    path: '/tmp/work/config',
    by: undefined,
  },
  {
    title: 'in a sticky directory of another user',
    self: 'root',
    folders: { '/spool': 'app:app 1755' },
    path: '/spool/config',
    by: 'user app in /spool',
  },
  {
    title: 'directly below /',
    self: 'deploy',
    folders: {},
    path: '/config',
    by: undefined,
  },
]

interface Followed {
  readonly title: string
  readonly self: string
  readonly folders: Readonly<Record<string, string>>
  /** The owner and path of the symlink. */
  readonly link: readonly [owner: string, path: string]
  /** The owner and path of the file that the symlink points to. */
  readonly end: readonly [owner: string, path: string]
  readonly refused: boolean
}

const site = {
  '/etc': 'root:root 755',
  '/etc/nginx': 'root:root 755',
  '/run': 'root:root 755',
  '/run/resolve': 'app:app 755',
  '/tmp': 'root:root 1777',
  '/srv': 'root:root 755',
  '/srv/app': 'app:app 755',
  '/home/deploy': 'deploy:deploy 775',
}

const followed: readonly Followed[] = [
  {
    title: 'of root to a file of root',
    self: 'root',
    folders: site,
    link: ['root', '/etc/nginx/enabled'],
    end: ['root', '/etc/nginx/available'],
    refused: false,
  },
  {
    title: 'of root to a file of another user',
    self: 'root',
    folders: site,
    link: ['root', '/etc/resolv.conf'],
    end: ['app', '/run/resolve/stub'],
    refused: false,
  },
  {
    title: 'of another user to a file of that user',
    self: 'root',
    folders: site,
    link: ['app', '/srv/app/current'],
    end: ['app', '/srv/app/release'],
    refused: false,
  },
  {
    title: 'of another user to a file of root',
    self: 'root',
    folders: site,
    link: ['app', '/srv/app/config'],
    end: ['root', '/etc/shadow'],
    refused: true,
  },
  {
    title: 'of another user to a file of a third user',
    self: 'root',
    folders: site,
    link: ['app', '/srv/app/config'],
    end: ['deploy', '/home/deploy/.profile'],
    refused: true,
  },
  {
    title: 'of root in a directory of another user, who may have moved it there',
    self: 'root',
    folders: site,
    link: ['root', '/srv/app/config'],
    end: ['root', '/etc/shadow'],
    refused: true,
  },
  {
    title: 'of root in a sticky directory',
    self: 'root',
    folders: site,
    link: ['root', '/tmp/config'],
    end: ['root', '/etc/hosts'],
    refused: false,
  },
  {
    title: 'of another user in a sticky directory',
    self: 'root',
    folders: site,
    link: ['app', '/tmp/config'],
    end: ['root', '/etc/hosts'],
    refused: true,
  },
  {
    title: 'of the user who reads, in a home directory that is writable by the private group',
    self: 'deploy',
    folders: site,
    link: ['deploy', '/home/deploy/.profile'],
    end: ['deploy', '/home/deploy/dotfiles'],
    refused: false,
  },
  {
    title: 'of another user to a file of the user who reads',
    self: 'deploy',
    folders: site,
    link: ['app', '/srv/app/config'],
    end: ['deploy', '/home/deploy/.profile'],
    refused: true,
  },
]

function file(owner: string, path: string): PathState {
  return { exists: true, ...access(`${owner}:${owner} 644`, 0o100000), real: path }
}

describe('PathAccess', () => {
  for (const { title, self, folders, path, by } of replacements)
    it(`finds, for ${self}, the users who can replace a name ${title}`, () => {
      const question = { path }
      const state = file('root', path)
      const { untrustedWriter: writer } = accessOf(self, folders).judge({
        ...{ question, hops: [], type: 'e', real: path },
        state,
      })
      const told =
        writer === undefined
          ? undefined
          : `${writer.name} in ${writer.directory}${writer.sticky === true ? ' (sticky)' : ''}`
      expect(told).to.equal(by)
    })

  for (const { title, self, folders, link, end, refused } of followed)
    it(`lets ${self} ${refused ? 'follow no' : 'follow a'} symlink ${title}`, () => {
      const [linkOwner, path] = link
      const found = accessOf(self, folders)
      found.addLink(path, access(`${linkOwner}:${linkOwner} 777`, 0o120000))
      const state: PathState = {
        ...{ exists: true, ...access(`${linkOwner}:${linkOwner} 777`, 0o120000), real: path },
        followed: file(...end),
      }
      const judged = found.judge({
        ...{ question: { path, follow: true }, hops: [], type: 'l', real: path },
        end: { hops: [path], exists: true, real: end[1] },
        state,
      })
      const of = judged.exists ? judged.followed : undefined
      expect(of?.untrustedLink?.path).to.equal(refused ? path : undefined)
    })
})
