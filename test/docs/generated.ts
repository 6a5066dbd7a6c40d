import { bundleProgram } from '../../build/bundle.ts'
import { thirdPartyNotices } from '../../build/notices.ts'
import { modules } from '../../src/modules/index.ts'
import { playbookSchema } from '../../src/reference/playbook-schema.ts'
import { manualPage } from './manual-page.ts'
import { modulesPage } from './modules-page.ts'

/** The files that `npm run docs` writes, relative to the folder of the project. */
export const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'THIRD-PARTY-NOTICES': async () => thirdPartyNotices((await bundleProgram()).inputs),
  'docs/hostwright.1': manualPage,
  'docs/modules.md': modulesPage,
  'docs/playbook.schema.json': () => `${JSON.stringify(playbookSchema(modules), undefined, 1)}\n`,
}
