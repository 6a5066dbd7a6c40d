import { styleText } from 'node:util'

export type Style = 'green' | 'yellow' | 'red' | 'cyan' | 'magenta' | 'bold' | 'dim'

/** A string with a style, which the printer turns into colors. */
export interface Styled {
  readonly style: Style
  readonly text: string
}

/** A string whose lines are shortened to this length after masking, so that no part of a secret is left. */
export interface Shortened {
  readonly text: Text
  readonly longestLine: number
}

/** Text for people, in one or several pieces. */
export type Text = string | Styled | Shortened | readonly Text[]

/** Colors text, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })

export function styled(style: Style, text: string): Styled {
  return { style, text }
}

export function shortened(longestLine: number, text: Text): Shortened {
  return { text, longestLine }
}

/** Returns `coloured` for a terminal, unless NO_COLOR (https://no-color.org) is set. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const wanted = environment.NO_COLOR === undefined || environment.NO_COLOR === ''
  return stream.isTTY === true && wanted && environment.TERM !== 'dumb' ? coloured : plain
}
