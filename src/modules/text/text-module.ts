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
  /** Returns the text as the task wants it. Pure; the same text means that nothing is to do. */
  readonly edit: Edit<Params>
}

/** A module that edits a part of a text file: everything about it but the edit is the same. */
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
