import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { bundleProgram } from './bundle.ts'
import { declarations } from './declarations.ts'

const files = new Map([...declarations(), ...(await bundleProgram()).files])

// Files of an earlier build would be published too.
rmSync('dist', { recursive: true, force: true })
for (const [name, text] of files) {
  const path = join('dist', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: name === 'cli/launch.cjs' ? 0o755 : 0o644 })
}
