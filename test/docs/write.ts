import { writeFileSync } from 'node:fs'

import { generated } from './generated.ts'

for (const [file, content] of Object.entries(generated)) writeFileSync(file, await content())
