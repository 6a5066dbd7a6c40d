import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'

interface Step {
  readonly uses?: string
  readonly run?: string
}

const read = (name: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, '../../docs/ci', name), 'utf8'))

const { steps } = (read('github-actions.yml') as { jobs: { deploy: { steps: Step[] } } }).jobs.deploy
const job = (read('gitlab-ci.yml') as { deploy: { before_script: string[]; script: string[] } }).deploy

describe('the workflow files for CI', () => {
  it('pin every action to a commit', () => {
    const used = steps.flatMap(({ uses }) => uses ?? [])
    expect(used).to.have.length.greaterThan(0)
    for (const uses of used) expect(uses).to.match(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
  })

  const scripts = {
    GitHub: steps.flatMap(({ run }) => run ?? []).join('\n'),
    GitLab: [...job.before_script, ...job.script].join('\n'),
  }
  for (const [name, script] of Object.entries(scripts)) {
    it(`have scripts for ${name} that pass the checks of shells`, () => {
      // CI sets the variables
      const checked = spawnSync('shellcheck', ['--shell=bash', '--exclude=SC2154', '-'], {
        input: script,
        encoding: 'utf8',
      })
      expect(checked.stdout).to.equal('')
    })

    it(`deploy a tag on ${name} with all that keeps tags in order`, () => {
      const deploy = /launch\.cjs (deploy .*?) \|\|/s.exec(script)?.[1]?.replaceAll(/\s*\\\n\s*/g, ' ')
      expect(deploy).to.match(
        /^deploy --tag "\$\w+" --repo \. -i inventory\/production\.yml --lock-wait 1800 --only-newer --on-failure revert-all$/,
      )
    })
  }
})
