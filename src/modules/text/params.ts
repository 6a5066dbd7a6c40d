import * as z from 'zod'

import { absolutePath, booleanParam } from '../definition/parameters.ts'
import { ownershipParams } from '../placement/ownership.ts'
import { patternProblem } from './regular-expression.ts'

/** What every module that changes a part of a text file takes; the path has several names. */
export const textFileParams = {
  path: absolutePath.optional(),
  dest: absolutePath.optional(),
  destfile: absolutePath.optional(),
  name: absolutePath.optional(),
  backup: booleanParam.default(false),
  validate: z.string().optional(),
  ...ownershipParams,
}

export const patternParam = z.string().superRefine((text, context) => {
  const problem = text === '' ? 'an empty pattern matches everything' : patternProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

interface PathNames {
  readonly path?: string | undefined
  readonly dest?: string | undefined
  readonly destfile?: string | undefined
  readonly name?: string | undefined
}

/** The parameters with their path under its one name, unless there is a problem, which is reported. */
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
