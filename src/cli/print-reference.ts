import { ExitCode, UsageError } from '../errors.ts'
import { modules } from '../modules/index.ts'
import { baseName, builtIns } from '../playbook/params/module-call.ts'
import { parameterSchema } from '../reference/parameter-schema.ts'
import { playbookSchema } from '../reference/playbook-schema.ts'
import { keywordPage, moduleList, modulePage, type PageLine } from '../reference/terminal-page.ts'
import { styled } from '../report/style.ts'
import { nearestName } from '../text/did-you-mean.ts'
import type { Terminal } from './terminal.ts'

export interface ReferenceOptions {
  readonly module: string | undefined
  readonly keywords: boolean
  readonly output: 'text' | 'json'
}

/** The maximum length of a line, even on a wider terminal. */
const widest = 110

/** Prints the list of modules, the reference of one, or the keywords; contacts no host. Returns the exit code. */
export function printReference(options: ReferenceOptions, { stdout }: Terminal): ExitCode {
  if (options.output === 'json') stdout.json(schemaFor(options))
  else
    stdout.printAll(
      pageFor(options, Math.min(stdout.columns, widest)).map(({ emphasized = '', text }) => [
        styled('bold', emphasized),
        text,
      ]),
    )
  return ExitCode.done
}

function schemaFor({ module }: ReferenceOptions): object {
  return module === undefined ? playbookSchema(modules) : parameterSchema(moduleNamed(module))
}

function pageFor({ module, keywords }: ReferenceOptions, width: number): PageLine[] {
  if (module !== undefined) return modulePage(moduleNamed(module), width)
  return keywords ? keywordPage(width) : moduleList(modules.values(), width)
}

function moduleNamed(name: string): Parameters<typeof modulePage>[0] {
  const module = modules.get(baseName(name))
  if (module !== undefined) return module
  if (builtIns.some((one) => one === baseName(name)))
    throw new UsageError(`'${baseName(name)}' is a keyword, not a module`, 'run hostwright doc --keywords')
  const nearest = nearestName(baseName(name), modules.keys())
  throw new UsageError(
    `unknown module '${name}'`,
    nearest === undefined ? 'run hostwright doc for a list of the modules' : `did you mean '${nearest}'?`,
  )
}
