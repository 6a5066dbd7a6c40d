import { hash } from 'node:crypto'
import { basename } from 'node:path/posix'

import { defined } from '../../defined.ts'
import { readRegularFile } from '../../state/path/regular-file.ts'
import type { ExistingPath } from '../../state/path/value.ts'
import { attach, type Attachment, sh, type Script } from '../../target/sh.ts'

/** What shall be in a file: bytes, or what another file on the host has. */
export type Content = Buffer | HostFile

export interface HostFile {
  readonly path: string
  readonly state: ExistingPath
}

export function sha256(content: Buffer): string {
  return hash('sha256', content)
}

/** What a file that has it answers. */
export function fileFields(content: Content): Pick<ExistingPath, 'sha256' | 'size' | 'content'> {
  if (Buffer.isBuffer(content)) return { sha256: sha256(content), size: content.length, content }
  const { state } = content
  return {
    ...defined({ sha256: state.sha256, size: state.size }),
  }
}

/** For a person: text, or what can be said about bytes. */
export function describeContent(content: Content): unknown {
  return Buffer.isBuffer(content) ? describeBytes(content) : contentValue(content.state)
}

/** The content of a file as it was read, for a person. */
export function contentValue(state: ExistingPath): unknown {
  if (state.content !== undefined) return describeBytes(state.content)
  return { sha256: state.sha256 ?? null, size: state.size ?? null }
}

/** How it reaches a script. A validator may look at the extension: an attachment keeps the name of the file where it can. */
export function carried(content: Content, path: string): Attachment | HostFile {
  if (!Buffer.isBuffer(content)) return content
  const name = basename(path)
  return attach(/^\w[\w.-]{0,200}$/.test(name) ? name : 'content', content)
}

/** Prints it as it was read, symlinks in its path included: they are followed no second time. */
export function printHostFile({ path, state }: HostFile): Script {
  return sh`
    ${readRegularFile}
    read_regular_file ${state.real ?? path} ${state.size ?? 0}
  `
}

function describeBytes(bytes: Buffer): unknown {
  const text = bytes.toString()
  const readable = !text.includes('\0') && Buffer.from(text).equals(bytes)
  return readable ? text : { sha256: sha256(bytes), size: bytes.length }
}
