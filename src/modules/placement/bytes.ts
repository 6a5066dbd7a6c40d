import { hash } from 'node:crypto'
import { basename } from 'node:path/posix'

import { readRegularFile } from '../../state/path/regular-file.ts'
import type { ExistingPath } from '../../state/path/value.ts'
import { attach, attachFile, type Attachment, sh, type Script } from '../../target/sh.ts'
import { defined } from '../../text/defined.ts'
import type { LargeFile } from '../definition/module.ts'

/** The wanted content of a file: bytes, or that of a file on the controller or the host. */
export type Content = Buffer | LargeFile | HostFile

export interface HostFile {
  readonly path: string
  readonly state: ExistingPath
}

export function isHostFile(content: Content): content is HostFile {
  return 'state' in content
}

export function sha256(content: Buffer): string {
  return hash('sha256', content)
}

/** Returns the fields that are read from a file with this content. */
export function fileFields(content: Content): Pick<ExistingPath, 'sha256' | 'size' | 'content'> {
  if (Buffer.isBuffer(content)) return { sha256: sha256(content), size: content.length, content }
  const { sha256: digest, size } = isHostFile(content) ? content.state : content
  return defined({ sha256: digest, size })
}

/** Describes a content for output: a string, or the hash and size of binary or large data. */
export function describeContent(content: Content): unknown {
  if (Buffer.isBuffer(content)) return describeBytes(content)
  return isHostFile(content) ? contentValue(content.state) : { sha256: content.sha256, size: content.size }
}

/** Describes the content that was read from a file. */
export function contentValue(state: ExistingPath): unknown {
  if (state.content !== undefined) return describeBytes(state.content)
  return { sha256: state.sha256 ?? null, size: state.size ?? null }
}

/** Returns the content for a script. An attachment keeps the name of the file, because a validation may need it. */
export function carried(content: Content, path: string): Attachment | HostFile {
  if (isHostFile(content)) return content
  const name = basename(path)
  return attached(/^\w[\w.-]{0,200}$/.test(name) ? name : 'content', content)
}

export function attached(name: string, content: Buffer | LargeFile): Attachment {
  return Buffer.isBuffer(content) ? attach(name, content) : attachFile(name, content.path)
}

/** Prints a file by the path without symlinks that was read: symlinks are not followed a second time. */
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
