import type { Key } from '../../state/definition/key.ts'
import { glob, isPattern } from '../../state/glob.ts'
import { path } from '../../state/path.ts'
import type { PathState } from '../../state/path/value.ts'
import { when } from '../definition/module.ts'

/** Absolute paths or patterns of paths. */
export interface Precondition {
  readonly creates?: string | undefined
  readonly removes?: string | undefined
}

export function readPrecondition({ creates, removes }: Precondition): {
  creates: Key<PathState | boolean> | undefined
  removes: Key<PathState | boolean> | undefined
} {
  return {
    creates: when(creates, () => existence(creates ?? '')),
    removes: when(removes, () => existence(removes ?? '')),
  }
}

/** Returns false if `creates` exists or `removes` does not. */
export function isNeeded(state: {
  readonly creates: PathState | boolean | undefined
  readonly removes: PathState | boolean | undefined
}): boolean {
  if (state.creates !== undefined && exists(state.creates)) return false
  return state.removes === undefined || exists(state.removes)
}

function existence(text: string): Key<PathState | boolean> {
  return isPattern(text) ? glob.key({ pattern: text }) : path.key({ path: text })
}

function exists(answer: PathState | boolean): boolean {
  return typeof answer === 'boolean' ? answer : answer.exists
}
