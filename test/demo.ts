import { spawn } from 'node:child_process'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { down, up } from '../src/sandbox/index.ts'

/** The host of the shipped inventory, which a throw-away machine replaces here. */
const host = 'www.foobar.com'
const root = fileURLToPath(new URL('..', import.meta.url))

say(`A throw-away machine replaces ${host}.`)
const machine = await up(host, {
  release: 'bookworm',
  fresh: true,
  onProgress: (line) => process.stdout.write(`${line}\n`),
})
say('First run:')
await hostwright('run', 'playbooks/site.yml', '--sandbox')

say(`http://${host}/ as ${machine.address} serves it:`)
process.stdout.write(await page(machine.address))

say('Second run:')
const second = await hostwright('run', 'playbooks/site.yml', '--sandbox')
await down(host)
if (!/\bchanged=0\b/.test(second)) throw new Error('the second run changed something')

function say(text: string): void {
  process.stdout.write(`\n==> ${text}\n`)
}

/** Returns the front page of the host from this address, even if its name resolves to another. */
async function page(address: string): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: address, headers: { host } }, resolve).once('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`${host} answers with ${String(answer.statusCode)}`)
  return await text(answer)
}

/** Runs the command, prints its output and returns it. */
function hostwright(...argv: string[]): Promise<string> {
  const command = spawn(process.execPath, ['dist/cli/launch.cjs', ...argv], {
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
      else reject(new Error(`hostwright ${argv.join(' ')}: exit code ${String(code)}`))
    })
  })
}
