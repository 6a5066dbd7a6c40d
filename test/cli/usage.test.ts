import { expect } from 'chai'

import { command } from './fake-terminal.ts'

describe('wrong usage', () => {
  const cases: readonly { argv: readonly string[]; says: string }[] = [
    { argv: [], says: 'no command given\n' },
    { argv: ['runn', 'x.yml'], says: "unknown command 'runn'\ndid you mean 'run'?\n" },
    { argv: ['run'], says: 'no playbook given\n' },
    { argv: ['run', 'x.yml', '--chekc'], says: "unknown option --chekc\ndid you mean '--check'?\n" },
    { argv: ['run', 'x.yml', '--skip-tag', 'x'], says: "did you mean '--skip-tags'?\n" },
    { argv: ['ping', '--limt', 'x'], says: "did you mean '--limit'?\n" },
    { argv: ['run', 'a.yml', 'b.yml'], says: "unexpected argument 'b.yml'\n" },
    { argv: ['run', 'x.yml', '-i'], says: '-i needs a value\n' },
    { argv: ['run', 'x.yml', '-o', 'xml'], says: '--output must be one of "text", "jsonl", not "xml"\n' },
    { argv: ['run', 'x.yml', '-l', ''], says: '--limit needs a value\n' },
    { argv: ['run', 'x.yml', '-u'], says: '--user needs a value\n' },
    { argv: ['run', 'x.yml', '-t', ''], says: '--tags needs a value\n' },
    { argv: ['ping', '-i', ''], says: '--inventory needs a value\n' },
    { argv: ['run', 'x.yml', '-f', '0'], says: '--forks takes an integer greater than 0\n' },
    { argv: ['run', 'x.yml', '-f', 'many'], says: '--forks takes an integer greater than 0\n' },
    { argv: ['sandbox'], says: 'no action given: up, list, ssh, down\n' },
    { argv: ['sandbox', 'foo'], says: "unknown action 'foo', not one of up, list, ssh, down\n" },
    { argv: ['sandbox', 'dwon', 'web'], says: "did you mean 'down'?\n" },
    { argv: ['sandbox', 'up'], says: 'no machine name given\n' },
    { argv: ['sandbox', 'up', 'web', '--debain', 'trixie'], says: "did you mean '--debian'?\n" },
    {
      argv: ['sandbox', 'ssh', 'web', 'ls', '-l'],
      says: 'unknown option -l\nput a command with options after --: hostwright sandbox ssh NAME -- ls -l\n',
    },
    { argv: ['run', 'x.yml', '-l', 'a', '-l', 'b'], says: '--limit takes one value, not a and b\n' },
    { argv: ['deploy'], says: 'no commit to deploy\ngive --tag, --branch or --revision\n' },
    { argv: ['deploy', 'v1'], says: "unexpected argument 'v1'\n" },
    { argv: ['deploy', '--tga', 'v1'], says: "unknown option --tga\ndid you mean '--tag'?\n" },
    { argv: ['deploy', '--tag', ''], says: '--tag needs a value\n' },
    { argv: ['deploy', '--tag', 'v1', '--tag', 'v2'], says: '--tag takes one value, not v1 and v2\n' },
    {
      argv: ['deploy', '--tag', 'v1', '--branch', 'main'],
      says: 'cannot deploy both tag v1 and branch main\ngive exactly one of --tag, --branch and --revision\n',
    },
    { argv: ['deploy', '--tag', 'v1..v2'], says: 'invalid tag name "v1..v2"\n' },
    { argv: ['deploy', '--revision', 'main'], says: 'invalid revision "main"\n' },
    { argv: ['deploy', '--tag', 'v1', '-i', 'a,', '-l', ''], says: '--limit needs a value\n' },
    {
      argv: ['deploy', '--tag', 'v1', '-i', 'a,'],
      says: 'no repository to deploy from\ngive --repo, or set app_repository in',
    },
    ...['abc', '-1', '1.5'].map((wait) => ({
      argv: ['deploy', '--tag', 'v1', '--lock-wait', wait],
      says: '--lock-wait takes a number of seconds\n',
    })),
    {
      argv: ['deploy', '--tag', 'v1', '--on-failure', 'revert'],
      says: '--on-failure must be one of "revert-host", "revert-all", not "revert"\n',
    },
    { argv: ['rollbak'], says: "unknown command 'rollbak'\ndid you mean 'rollback'?\n" },
    {
      argv: ['rollback', '-i', 'a,', '--release', 'v1'],
      says: 'unknown option --release\nrun hostwright rollback --help',
    },
    { argv: ['rollback', '-i', 'a,', 'v1'], says: "unexpected argument 'v1'\n" },
    { argv: ['rollback', '-i', 'a,', '--to', ''], says: '--to needs a value\n' },
    { argv: ['releases', '-i', 'a,', '--limt', 'x'], says: "did you mean '--limit'?\n" },
    { argv: ['unlock', '-i', 'a,'], says: '--reason is missing\n' },
    { argv: ['unlock', '-i', 'a,', '--reason', ''], says: '--reason needs a value\n' },
    { argv: ['maintenance', '-i', 'a,'], says: 'no state given: on or off\n' },
    {
      argv: ['maintenance', '-i', 'a,', 'sideways'],
      says: 'state must be one of "on", "off", not "sideways"\n',
    },
    { argv: ['watch'], says: '--tags is missing\n' },
    { argv: ['watch', '--repo', '/x'], says: '--tags is missing\n' },
    {
      argv: ['watch', '--tags', 'v*'],
      says: 'no repository to watch\ngive --repo, or set HOSTWRIGHT_REPO\n',
    },
    {
      argv: ['watch', '--repo', '/x', '--tags', 'v*', '--interval', '0'],
      says: '--interval takes a number of seconds greater than 0\n',
    },
    { argv: ['hook'], says: 'no action given: install\n' },
    {
      argv: ['hook', 'isntall', '--repo', '/x'],
      says: "unknown action 'isntall', not one of install\ndid you mean 'install'?\n",
    },
    { argv: ['hook', 'install', '--repo', '/x'], says: '--tags is missing\n' },
  ]
  for (const { argv, says } of cases) {
    it(`reports wrong usage: hostwright ${argv.join(' ')}`, async () => {
      const { code, stdout, stderr } = await command(...argv)
      expect(stderr).to.contain(says)
      expect(stderr).not.to.contain('    at ')
      expect(stdout).to.equal('')
      expect(code).to.equal(64)
    })
  }
})

describe('--help', () => {
  for (const argv of [
    ['--help'],
    ['run', '--help'],
    ['ping', '-h'],
    ['sandbox', '--help'],
    ['sandbox', 'up', '--help'],
    ['deploy', '--help'],
    ['rollback', '--help'],
    ['releases', '--help'],
    ['unlock', '--help'],
    ['maintenance', '--help'],
    ['watch', '--help'],
    ['hook', '--help'],
    ['hook', 'install', '--help'],
  ])
    it(`fits help into 80 columns, without types of options: hostwright ${argv.join(' ')}`, async () => {
      const { code, stdout, stderr } = await command(...argv)
      expect(stdout).to.contain('hostwright ')
      expect(stdout.split('\n').filter((line) => line.length > 80 || line.endsWith(' '))).to.deep.equal([])
      expect(stdout).not.to.match(/\[(boolean|string|count)\]|default: false/)
      expect([code, stderr]).to.deep.equal([0, ''])
    })

  it('states that the inventory overrides -c', async () => {
    const { stdout } = await command('run', '--help')
    const words = stdout.replaceAll(/\s+/g, ' ')
    expect(words).to.include('Connection for hosts whose inventory does not set ansible_connection')
  })

  it('lists every option of a command', async () => {
    const { stdout } = await command('run', '--help')
    const short = ['-i', '-l', '-e', '-f', '-u', '-c', '-b', '-K', '-t', '-C', '-D', '-o', '-v']
    const long = [
      '--private-key',
      '--skip-tags',
      '--list-hosts',
      '--list-tasks',
      '--syntax-check',
      '--start-at-task',
    ]
    const own = [
      '--no-lookahead',
      '--show-commands',
      '--sandbox',
      '--accept-new-host-keys',
      '--detailed-exitcode',
    ]
    expect(
      [...short, ...long, ...own].filter(
        (option) => !stdout.includes(`${option},`) && !stdout.includes(`${option} `),
      ),
    ).to.deep.equal([])
  })
})

it('prints the version of the package with --version', async () => {
  expect((await command('--version')).stdout).to.match(/^\d+\.\d+\.\d+\n$/)
})
