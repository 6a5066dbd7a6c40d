import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { down, find } from '../src/sandbox/index.ts'

/** The host of the shipped inventory; here a throw-away machine takes its place. */
const host = 'www.foobar.com'
const root = fileURLToPath(new URL('..', import.meta.url))

await down(host)
say(`A throw-away machine takes the place of ${host}. First run:`)
await hostwright('run', 'playbooks/site.yml', '--sandbox')

const machine = await find(host)
if (machine === undefined) throw new Error(`${host} is not up`)
say(`http://${host}/ as ${machine.address} serves it:`)
const page = await promisify(execFile)('curl', [
  ...['--silent', '--show-error', '--fail', '--max-time', '30', '--noproxy', '*'],
  ...['--resolve', `${host}:80:${machine.address}`, `http://${host}/`],
])
process.stdout.write(page.stdout)

say('Second run:')
const second = await hostwright('run', 'playbooks/site.yml', '--sandbox')
await down(host)
if (!/\bchanged=0\b/.test(second)) throw new Error('the second run changed something')

function say(text: string): void {
  process.stdout.write(`\n==> ${text}\n`)
}

/** Runs the command, shows what it prints, and returns that. */
function hostwright(...argv: string[]): Promise<string> {
  const command = spawn(process.execPath, ['dist/cli/launch.js', ...argv], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let printed = ''
  command.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
    process.stdout.write(chunk)
  })
  return new Promise((resolve, reject) => {
    command.once('error', reject)
    command.once('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`hostwright ${argv.join(' ')} ended with code ${String(code)}`))
    })
  })
}
