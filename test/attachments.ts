import { readFileSync } from 'node:fs'

import type { AttachmentContent, Script } from '../src/target/sh.ts'

/** What a host gets of it. */
export function bytesOf(content: AttachmentContent): Buffer {
  return Buffer.isBuffer(content) ? content : readFileSync(content.path)
}

/** Nothing where the script has no such attachment. */
export function attachedText(script: Script | undefined, name: string): string | undefined {
  const content = script?.attachments.get(name)
  return content === undefined ? undefined : bytesOf(content).toString()
}
