import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { UserError } from '../../errors.ts'
import { sh } from '../../target/sh.ts'
import { git } from '../repository/git.ts'
import { onDisk, readIfThere, replaceFile } from '../state-folder.ts'

export interface HookOptions {
  /** A bare repository, or one with a working tree, on this machine. */
  readonly repository: string
  /** The working directory, where playbooks and inventory are. */
  readonly folder: string
  /** The command line that reads the hook's standard input and deploys, with patterns and options. */
  readonly command: readonly string[]
}

const mark = '# Written by `hostwright hook install`, which may replace it.'

/**
 * Installs a hook that runs the command after each push to the repository.
 * @returns the hook's file
 */
export async function installHook(options: HookOptions): Promise<string> {
  const file = join(await hooksOf(options.repository), 'post-receive')
  const present = await onDisk('read the existing hook', () => readIfThere(file))
  if (present !== undefined && !present.includes(mark)) throw foreignHook(file, options)
  await onDisk('write the hook', async () => {
    await mkdir(dirname(file), { recursive: true })
    await replaceFile(file, `#!/bin/sh\n${mark}\n${hookScript(options)}\n`, 0o755)
  })
  return file
}

async function hooksOf(repository: string): Promise<string> {
  const inside = await git(['-C', repository, 'rev-parse', '--show-prefix'])
  if (inside !== '')
    throw new UserError(`${repository}: not a repository but a folder in one`, {
      hint: 'give the path of the repository itself',
    })
  return resolve(repository, await git(['-C', repository, 'rev-parse', '--git-path', 'hooks']))
}

function hookScript({ folder, command }: HookOptions): string {
  const gone = `hostwright: the folder ${folder} does not exist: the push was received, but nothing was deployed`
  return sh`
    cd ${resolve(folder)} || {
      printf '%s\\n' ${gone}
      exit 1
    }
    exec ${command}
  `.text
}

function foreignHook(file: string, { folder, command }: HookOptions): UserError {
  return new UserError(`${file}: not replaced: hostwright did not write this hook`, {
    hint: [
      'add this command to the hook, and pass it the standard input of the hook:',
      sh`(cd ${resolve(folder)} && exec ${command})`.text,
    ].join('\n'),
  })
}
