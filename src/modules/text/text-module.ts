import type { Key } from '../../state/definition/key.ts'
import type { PathState } from '../../state/path/value.ts'
import { type AnyModule, defineModule, type Module } from '../definition/module.ts'
import type { accountKeys } from '../placement/ownership.ts'
import {
  type Edit,
  type TextFile,
  textFileChanges,
  textFileKeys,
  textFileResult,
  textFileSteps,
} from './text-file.ts'

type TextFileKeys = ReturnType<typeof accountKeys> & {
  readonly file: Key<PathState>
  readonly directory: Key<PathState>
}

type TextModule<Params extends TextFile> = Omit<
  Module<Params, TextFileKeys>,
  'type' | 'reads' | 'diff' | 'apply' | 'result'
> & {
  /** Returns the wanted text. It is pure; the same text means that there is nothing to do. */
  readonly edit: Edit<Params>
}

/** Defines a module that edits a part of a text file. These modules only differ in their edit. */
export function defineTextModule<Params extends TextFile>({
  edit,
  ...module
}: TextModule<Params>): AnyModule {
  return defineModule<Params, TextFileKeys>({
    ...module,
    reads: textFileKeys,
    diff: (state, params) => textFileChanges(state, params, edit),
    apply: (changes, params, state) => textFileSteps(changes, state, params, edit),
    result: ({ params, outputs }) => textFileResult(params, outputs),
  })
}
