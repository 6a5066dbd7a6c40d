import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs on this machine that tests use, each with its Debian package. */
const programs = [
  ['dash', 'dash'],
  ['busybox', 'busybox'],
  ['mksh', 'mksh'],
  ['shellcheck', 'shellcheck'],
  ['ssh', 'openssh-client'],
  ['git', 'git'],
  ['curl', 'curl'],
] as const

const missing = programs.filter(([program]) => !isInstalled(program)).map(([, holder]) => holder)
if (missing.length > 0) {
  process.stdout.write(`installing ${missing.join(', ')} with apt\n`)
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  execFileSync('apt-get', ['-qq', 'update'], options)
  execFileSync('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...missing], options)
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
