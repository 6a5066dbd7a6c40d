import type { Position } from '../errors.ts'

/** Where the value of a secret comes from. */
export type SecretOrigin =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'environment'; readonly name: string }
  | {
      readonly type: 'file'
      readonly path: string
      /** How many characters to make up when the file is missing. */
      readonly generate?: number
    }

/** What `!secret` stands for in a YAML file: a value that is shown nowhere. */
export class SecretSource {
  readonly origin: SecretOrigin
  readonly at: Position

  constructor(origin: SecretOrigin, at: Position) {
    this.origin = origin
    this.at = at
  }
}
