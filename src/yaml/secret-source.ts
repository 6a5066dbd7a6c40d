import type { Position } from '../errors.ts'

/** The source of a secret's value. */
export type SecretOrigin =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'environment'; readonly name: string }
  | {
      readonly type: 'file'
      readonly path: string
      /** The number of characters to generate if the file is missing. */
      readonly generate?: number
    }

/** The value of `!secret` in a YAML file, which is masked in all output. */
export class SecretSource {
  readonly origin: SecretOrigin
  readonly at: Position

  constructor(origin: SecretOrigin, at: Position) {
    this.origin = origin
    this.at = at
  }
}
