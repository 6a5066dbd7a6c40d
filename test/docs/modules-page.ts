import type { AnyAction, AnyModule } from '../../src/modules/definition/module.ts'
import { modules } from '../../src/modules/index.ts'
import { parameterNames } from '../../src/playbook/params/parameter-names.ts'

/** Where the page is, from the folder of the project. */
export const modulesFile = 'docs/modules.md'

/** The page about all modules, from their own schemas. */
export function modulesPage(): string {
  const sorted = [...modules.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  return [introduction, ...sorted.map(describeModule)].join('\n\n') + '\n'
}

const introduction = `# Modules

Written by \`npm run docs\` from the schemas in \`src/modules\`; a test fails when it is out of date.
Names and parameters are Ansible's. Aliases of a parameter stand beside it. A value that is not supported yet is
refused before the first connection.`

function describeModule(module: AnyModule | AnyAction): string {
  const free = module.freeForm === undefined ? [] : [`\`${module.name}: text\` fills \`${module.freeForm}\`.`]
  const place = module.type === 'action' ? ['Runs on the controller.'] : []
  const parameters = parameterNames(module.params)
    .map((name) => `\`${name}\``)
    .join(', ')
  const own = module.name === 'set_fact' ? `any variable, ${parameters}` : parameters
  const summary = module.summary.endsWith('.') ? module.summary : `${module.summary}.`
  return `## ${module.name}\n\n${[summary, ...place, ...free].join(' ')}\n\nParameters: ${own}`
}
