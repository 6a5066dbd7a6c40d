import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Machine } from '../../src/sandbox/index.ts'
import { insteadOf, project } from '../integration/command.ts'
import { sshArguments } from '../integration/machine.ts'
import type { Command } from './measured-process.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The secrets, which are equal for all contestants, so that none changes the result of another. */
const passwords = { app_database_password: 'bench1234567890', app_migration_password: 'bench0987654321' }

/** Returns a hand-written script that reads everything that site.yml manages. */
export function floor(machine: Machine): Command {
  return overSsh(machine, readFileSync(`${here}floor.sh`, 'utf8'))
}

/** Returns a hand-written script that creates everything that site.yml creates. */
export function install(machine: Machine): Command {
  const given = Object.entries(passwords).map(([name, password]) => `${name}=${password}\n`)
  return overSsh(machine, given.join('') + readFileSync(`${here}install.sh`, 'utf8'))
}

/** Returns the installed command. */
export function hostwright(machine: Machine, more: readonly string[], node: readonly string[] = []): Command {
  return {
    program: process.execPath,
    argv: [
      ...[...node, `${project}dist/cli/launch.cjs`, 'run', `${project}playbooks/site.yml`],
      ...[...insteadOf(machine), '-e', JSON.stringify(passwords), ...more],
    ],
    cwd: project,
  }
}

/** Returns Ansible, as Debian packages and configures it. */
export function ansible(machine: Machine, folder: string): Command {
  const variables = {
    ansible_user: machine.user,
    ansible_port: machine.port,
    ansible_ssh_private_key_file: machine.privateKeyFile,
    ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${machine.knownHostsFile}`,
    ...passwords,
  }
  return {
    program: 'ansible-playbook',
    argv: ['-i', `${machine.address},`, '-e', JSON.stringify(variables), `${here}ansible/site.yml`],
    cwd: folder,
    env: { LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_SSH_CONTROL_PATH_DIR: folder },
  }
}

function overSsh(machine: Machine, script: string): Command {
  return { program: 'ssh', argv: [...sshArguments(machine), 'sudo sh -s'], input: script }
}
