import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

import { InvalidInputError } from '../../src/errors.ts'
import { defineAction, defineModule } from '../../src/modules/definition/module.ts'
import { booleanParam, modeParam, textParam } from '../../src/modules/definition/parameters.ts'
import { loadPlaybook, type LoadOptions } from '../../src/playbook/load-playbook.ts'
import type { Node, Playbook, Task } from '../../src/playbook/playbook.ts'
import { nodesIn } from '../../src/playbook/select/nodes.ts'

/** A separate folder with files, which `cleanUp` removes after the test. */
export class Project {
  static readonly #folders: string[] = []
  readonly folder: string

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'hostwright-playbook-')))
    Project.#folders.push(this.folder)
    for (const [path, content] of Object.entries(files)) this.write(path, content)
  }

  static cleanUp(): void {
    for (const folder of Project.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }

  write(path: string, content: string): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  load(options: LoadOptions = {}, file = 'site.yml'): Playbook {
    return loadPlaybook(join(this.folder, file), { modules: testModules, ...options })
  }

  /** Returns "site.yml:3:5 message (hint)" for each error. */
  errors(options: LoadOptions = {}, file = 'site.yml'): string[] {
    try {
      this.load(options, file)
      return []
    } catch (error) {
      if (error instanceof InvalidInputError) return this.describe(error)
      throw error
    }
  }

  describe(error: InvalidInputError): string[] {
    return error.diagnostics.map(({ at, message, hint }) => {
      const text = `${at.file}:${at.line}:${at.column} ${message}${hint === undefined ? '' : ` (${hint})`}`
      return text.replaceAll(`${this.folder}/`, '')
    })
  }
}

/** Returns a play for all hosts with these tasks, and indents each line. */
export function playOf(tasks: string, before = ''): string {
  const indented = tasks.replaceAll(/^(?=.)/gm, '    ')
  return `- name: play\n  hosts: all\n${before}  tasks:\n${indented}\n`
}

export function tasksIn(playbook: Playbook): Task[] {
  const nodes = playbook.plays.flatMap((play) => play.sections.flat())
  return [...nodesIn(nodes)].filter((node): node is Task => node.type === 'task')
}

export function names(nodes: readonly Node[]): string[] {
  return nodes.map((node) => node.name)
}

function fakeModule(
  name: string,
  params: z.ZodType,
  options: { freeForm?: string; source?: 'file' | 'template' } = {},
): ReturnType<typeof defineModule> {
  return defineModule({
    name,
    summary: name,
    params,
    ...options,
    reads: () => ({}),
    diff: () => [],
    apply: () => [],
  })
}

const copyParams = z.strictObject({
  src: z.string().optional(),
  content: z.string().optional(),
  dest: z.string(),
  mode: modeParam.optional(),
  owner: z.string().optional(),
  remote_src: booleanParam.optional(),
})

const fakes = [
  fakeModule('copy', copyParams, { source: 'file' }),
  fakeModule('template', copyParams, { source: 'template' }),
  fakeModule(
    'service',
    z
      .strictObject({
        name: z.string(),
        state: z.enum(['started', 'stopped', 'restarted', 'reloaded']).optional(),
        enabled: booleanParam.optional(),
      })
      .refine(
        (params) => params.state !== undefined || params.enabled !== undefined,
        'expected state or enabled',
      ),
  ),
  fakeModule(
    'command',
    z.strictObject({ cmd: textParam, chdir: z.string().optional(), creates: z.string().optional() }),
    { freeForm: 'cmd' },
  ),
  fakeModule(
    'apt',
    z.strictObject({ name: z.union([z.string(), z.array(z.string())]), retries: z.number().optional() }),
  ),
  defineAction({
    name: 'debug',
    summary: 'debug',
    freeForm: 'msg',
    expressions: ['var'],
    params: z.strictObject({ msg: z.unknown(), var: z.unknown() }).partial(),
    run: () => ({}),
  }),
  defineAction({
    name: 'assert',
    summary: 'assert',
    expressions: ['that'],
    params: z.strictObject({ that: z.unknown() }),
    run: () => ({}),
  }),
  defineAction({
    name: 'set_fact',
    summary: 'set_fact',
    params: z.record(z.string(), z.unknown()),
    run: () => ({}),
  }),
]

export const testModules = new Map(fakes.map((module) => [module.name, module]))
