import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { CodeBase, withoutGitConfiguration } from '../deploy/code-base.ts'
import { nastyLine } from '../nasty-text.ts'
import { commandIn } from './fake-terminal.ts'

/** Returns a playbook of the project that records the variables it gets from the command. */
function recorder(names: readonly string[]): string {
  const content = `<%- JSON.stringify({ ${names.join(', ')} }) %>`
  return `
- hosts: localhost
  gather_facts: no
  vars:
    through_a_variable: '<%= { ${names.join(', ')} } %>'
  tasks:
    - name: Record the variables of the command
      copy: { content: '${content}', dest: '<%= playbook_dir %>/../given.json' }
    - name: Record the same variables through another one
      copy: { content: '<%- JSON.stringify(through_a_variable) %>', dest: '<%= playbook_dir %>/../rendered.json' }
`
}

const playbooks = {
  deploy: ['deploy_by', 'deploy_purpose', 'deploy_reference'],
  rollback: ['deploy_by', 'deploy_purpose', 'deploy_to'],
  unlock: ['deploy_by', 'deploy_purpose', 'deploy_reason'],
}

/** A template that sets a global variable in the process that evaluates it. */
const attack = '<%=Object.constructor("globalThis.hostwrightWasAttacked=true")()%>'
const outsideText = fc
  .oneof(nastyLine, fc.constantFrom(attack, `v9${attack}`, '<%= deploy_by %>', '{{ deploy_by }}', '<%'))
  .map((text) => text.trim())
  .filter((text) => text !== '' && !text.includes('\0'))

/** Names of tags and branches that follow git's rules. */
const referenceName = fc
  .oneof(
    fc.constantFrom(`v9${attack}`, "v'1'", 'v$(id)', 'v;id', 'v`id`', 'v<%=deploy_by%>', 'v{{deploy_by}}'),
    outsideText.map((text) => `v${text.replaceAll(/[\p{C}\p{Z} ~^:?*[\\/.@]|\s/gu, '')}`),
  )
  .filter((name) => /^v.+$/.test(name))

describe('text from outside that a command passes to its playbooks', function () {
  this.timeout(120_000)
  withoutGitConfiguration()
  let codeBase: CodeBase
  const before_ = process.cwd()

  before(async () => {
    codeBase = await CodeBase.make()
    await codeBase.commit()
    await mkdir(join(codeBase.folder, 'playbooks'))
    await writeFile(join(codeBase.folder, 'inventory'), 'localhost ansible_connection=local\n')
    for (const [name, names] of Object.entries(playbooks))
      await writeFile(join(codeBase.folder, 'playbooks', `${name}.yml`), recorder(names))
    process.chdir(codeBase.folder)
  })
  after(async () => {
    process.chdir(before_)
    await codeBase.remove()
  })
  afterEach(() => {
    const attacked = Reflect.has(globalThis, 'hostwrightWasAttacked')
    Reflect.deleteProperty(globalThis, 'hostwrightWasAttacked')
    expect(attacked, 'the text was evaluated').to.equal(false)
  })

  async function given(env: NodeJS.ProcessEnv, ...argv: readonly string[]): Promise<Record<string, unknown>> {
    const files = ['given.json', 'rendered.json'].map((name) => join(codeBase.folder, name))
    await Promise.all(files.map((file) => rm(file, { force: true })))
    const { code, stderr, stdout } = await commandIn({ env, argv: [...argv, '-i', 'inventory'] })
    expect(code, stdout + stderr).to.equal(0)
    const [direct, rendered] = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    expect(rendered).to.equal(direct)
    return JSON.parse(direct!) as Record<string, unknown>
  }

  it('does not evaluate templates in the reason of an unlock or the name of the deployer', async () => {
    await fc.assert(
      fc.asyncProperty(outsideText, outsideText, async (reason, name) => {
        const told = await given({ GITLAB_USER_NAME: name }, 'unlock', `--reason=${reason}`)
        expect(told['deploy_reason']).to.equal(reason)
        expect(told['deploy_by']).to.match(/ on \S+$/)
        expect(String(told['deploy_by']).startsWith(`${name} on `)).to.equal(true)
      }),
      { numRuns: 40 },
    )
  })

  it('does not evaluate templates in the release of a rollback', async () => {
    await fc.assert(
      fc.asyncProperty(outsideText, async (release) => {
        const told = await given({}, 'rollback', `--to=${release}`)
        expect(told).to.include({ deploy_to: release, deploy_purpose: `rollback to ${release}` })
      }),
      { numRuns: 40 },
    )
  })

  for (const [kind, refs] of Object.entries({ tag: 'refs/tags', branch: 'refs/heads' }))
    it(`does not evaluate templates in the name of a ${kind}`, async () => {
      await fc.assert(
        fc.asyncProperty(referenceName, async (name) => {
          try {
            await codeBase.git('update-ref', `${refs}/${name}`, 'HEAD')
          } catch {
            fc.pre(false) // git rejects the name
          }
          try {
            const told = await given({}, 'deploy', `--${kind}=${name}`, '--repo', codeBase.checkout)
            expect(told).to.include({
              deploy_reference: `${refs}/${name}`,
              deploy_purpose: `deploy ${name}`,
            })
          } finally {
            await codeBase.git('update-ref', '-d', `${refs}/${name}`)
          }
        }),
        { numRuns: 25 },
      )
    })

  it('does not evaluate templates in the name of a tag in a dry run', async () => {
    const name = `v9${attack}`
    await codeBase.git('tag', name)
    const { code, stdout, stderr } = await commandIn({
      argv: ['deploy', `--tag=${name}`, '--repo', codeBase.checkout, '-i', 'inventory', '--check', '--diff'],
    })
    expect(code, stderr).to.equal(0)
    expect(stdout).to.include(JSON.stringify(attack).slice(1, -1))
  })
})
