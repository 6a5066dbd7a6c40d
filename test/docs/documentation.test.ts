import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { modules } from '../../src/modules/index.ts'
import { readPlaybooks } from '../../src/playbook/load-playbook.ts'
import { parameterNames } from '../../src/playbook/params/parameter-names.ts'
import { referenceOf } from '../../src/reference/module-reference.ts'
import { documentationOf, isAlias } from '../../src/reference/parameter-schema.ts'
import { tasksIn } from '../playbook/project.ts'

const sentence = /^[A-Z`].*\.$/s

describe('the documentation of modules', () => {
  for (const module of modules.values())
    describe(module.name, () => {
      const { parameters } = documentationOf(module)

      it('has a sentence or an alias for every parameter, and for no other', () => {
        expect(Object.keys(parameters)).to.have.members([...parameterNames(module.params)])
        for (const [name, entry] of Object.entries(parameters))
          if (isAlias(entry)) expect(parameters[entry.aliasOf], name).to.match(sentence)
          else expect(entry, name).to.match(sentence)
      })

      it('has a summary, and describes the results of a dry run', () => {
        expect(module.summary).to.match(sentence)
        expect(documentationOf(module).checkMode).to.match(sentence)
      })

      it('has an example that the reader of playbooks accepts', () => {
        const folder = mkdtempSync(join(tmpdir(), 'example-'))
        try {
          const file = join(folder, 'site.yml')
          const { example } = referenceOf(module)
          writeFileSync(file, `- hosts: all\n  tasks:\n${example.replaceAll(/^(?=.)/gm, '    ')}\n`)
          for (const source of sourcesIn(file)) writeFileSync(join(folder, source), '')
          const { playbook, problems } = readPlaybooks(file)
          expect(problems).to.deep.equal([])
          expect(tasksIn(playbook).map((task) => task.module.name)).to.include(module.name)
        } finally {
          rmSync(folder, { recursive: true })
        }
      })
    })
})

/** Returns the files and templates that the tasks of the playbook name. */
function sourcesIn(file: string): string[] {
  return tasksIn(readPlaybooks(file).playbook).flatMap(({ module, params }) =>
    module.type === 'module' && module.source !== undefined
      ? ((params.value as { src?: string }).src ?? [])
      : [],
  )
}
