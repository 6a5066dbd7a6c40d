import { defineCommand } from './define-command.ts'

/** `hostwright doc [MODULE]`. */
export const docCommand = defineCommand({
  name: 'doc',
  describe: 'List the modules, or show the parameters of one',
  positionals: { module: { type: 'string', describe: 'Name of a module, e.g. copy' } },
  options: {
    keywords: {
      type: 'boolean',
      default: false,
      describe: 'List the keywords of plays, tasks, blocks and roles',
    },
    output: {
      alias: 'o',
      choices: ['text', 'json'],
      default: 'text',
      describe: 'json: JSON Schema of the parameters, or of playbooks if no module is given',
    },
  },
  run: async (options, terminal) => {
    const { printReference } = await import('../print-reference.ts')
    return printReference(options, terminal)
  },
})
