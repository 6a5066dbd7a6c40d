import { readFileSync } from 'node:fs'

import type { AttachmentContent, Script } from '../src/target/sh.ts'

/** Returns the content of an attachment as it is sent to a host. */
export function bytesOf(content: AttachmentContent): Buffer {
  return Buffer.isBuffer(content) ? content : readFileSync(content.path)
}

/** Returns the text of an attachment; undefined if the script has no attachment of this name. */
export function attachedText(script: Script | undefined, name: string): string | undefined {
  const content = script?.attachments.get(name)
  return content === undefined ? undefined : bytesOf(content).toString()
}
