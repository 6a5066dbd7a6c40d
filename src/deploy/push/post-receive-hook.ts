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
  /** The command line that reads git's lines and deploys, with its patterns and options. */
  readonly command: readonly string[]
}

const mark = '# Written by `hostwright hook install`, which may replace it.'

/** Makes pushes to the repository run the command. @returns the hook's file */
export async function installHook(options: HookOptions): Promise<string> {
  const file = join(await hooksOf(options.repository), 'post-receive')
  const present = await onDisk('read the present hook', () => readIfThere(file))
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
    throw new UserError(`${repository} is no repository but a folder in one`, {
      hint: 'name the repository itself',
    })
  return resolve(repository, await git(['-C', repository, 'rev-parse', '--git-path', 'hooks']))
}

function hookScript({ folder, command }: HookOptions): string {
  const gone = `hostwright: the folder ${folder} is gone; what was pushed is here and not deployed`
  return sh`
    cd ${resolve(folder)} || {
      printf '%s\\n' ${gone}
      exit 1
    }
    exec ${command}
  `.text
}

function foreignHook(file: string, { folder, command }: HookOptions): UserError {
  return new UserError(`${file} is there and not written by hostwright, so it stays as it is`, {
    hint: [
      "add this to it; it needs on its standard input the lines that git gives to the hook's:",
      sh`(cd ${resolve(folder)} && exec ${command})`.text,
    ].join('\n'),
  })
}
