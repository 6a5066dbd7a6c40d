import * as z from 'zod'

import { aliasOf } from '../definition/documentation.ts'
import { absolutePath, booleanParam } from '../definition/parameters.ts'
import { ownershipParams, ownershipSentences } from '../placement/ownership.ts'
import { patternProblem } from './regular-expression.ts'

/** The parameters of every module that edits a text file. The path has several names. */
export const textFileParams = {
  path: absolutePath.optional(),
  dest: absolutePath.optional(),
  destfile: absolutePath.optional(),
  name: absolutePath.optional(),
  backup: booleanParam.default(false),
  validate: z.string().optional(),
  ...ownershipParams,
}

export const textFileSentences = {
  path: 'Absolute path of the file.',
  dest: aliasOf('path'),
  destfile: aliasOf('path'),
  name: aliasOf('path'),
  backup: 'Keeps the previous version of the file alongside it, with the time in its name.',
  validate:
    'Command that must succeed before the file is put in place; `%s` is the path of the new file, and without `%s` the command sees it at `path`.',
  ...ownershipSentences,
} as const

export const patternParam = z.string().superRefine((text, context) => {
  const problem = text === '' ? 'must not be empty: it would match everything' : patternProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

interface PathNames {
  readonly path?: string | undefined
  readonly dest?: string | undefined
  readonly destfile?: string | undefined
  readonly name?: string | undefined
}

/** Returns the parameters with the path under one name, and reports a problem if there is one. */
export function withPath<Given extends PathNames>(
  given: Given,
  context: z.RefinementCtx,
  problemOf: (given: Omit<Given, keyof PathNames>) => string | undefined,
): Omit<Given, keyof PathNames> & { readonly path: string } {
  const { path, dest, destfile, name, ...rest } = given
  const paths = [path, dest, destfile, name].filter((one) => one !== undefined)
  const problem = paths.length === 1 ? problemOf(rest) : 'needs exactly one of path, dest, destfile and name'
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  return { ...rest, path: paths[0] ?? '' }
}
