import { basename } from 'node:path/posix'
import * as z from 'zod'

import { defineModule, type Given } from './definition/module.ts'
import { booleanParam, destinationPath, modeOrPreserveParam } from './definition/parameters.ts'
import { type Destination, destinationKeys } from './file/destination.ts'
import { placedFile, placeFile, placeFileChanges, type PlacedFile } from './file/placed-file.ts'
import { accountKeys, ownershipParams } from './placement/ownership.ts'

const params = z.strictObject({
  src: z.string(),
  dest: destinationPath,
  ...ownershipParams,
  mode: modeOrPreserveParam.optional(),
  force: booleanParam.default(true),
  follow: booleanParam.default(false),
  backup: booleanParam.default(false),
  validate: z.string().optional(),
})

type TemplateParams = Given<z.infer<typeof params>>

export const template = defineModule({
  name: 'template',
  summary: 'Puts a rendered template on the host',
  params,
  source: 'template',
  reads: (given: TemplateParams) => ({ ...destinationKeys(destinationOf(given)), ...accountKeys(given) }),
  diff: (state, given) => placeFileChanges(destinationOf(given), wantedOf(given), state),
  apply: (changes, given, state) => placeFile(changes, destinationOf(given), wantedOf(given), state),
  result: (done) => placedFile(destinationOf(done.params), done.state, done.outputs),
})

function destinationOf(given: TemplateParams): Destination {
  const { dest, follow, src } = given
  return { dest, follow, name: basename(src).replace(/\.ejs$/, ''), content: rendered(given) }
}

function wantedOf(given: TemplateParams): PlacedFile {
  const { mode, source } = given
  return {
    ...given,
    mode: mode === 'preserve' ? (source?.type === 'file' ? source.mode : undefined) : mode,
    content: rendered(given),
  }
}

function rendered({ source }: TemplateParams): Buffer {
  if (source?.type !== 'file') throw new Error('a template without its rendered content')
  return source.content
}
