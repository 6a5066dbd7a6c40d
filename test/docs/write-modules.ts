import { writeFileSync } from 'node:fs'

import { modulesFile, modulesPage } from './modules-page.ts'

writeFileSync(modulesFile, modulesPage())
