import { styleText } from 'node:util'

export type Style = 'green' | 'yellow' | 'red' | 'cyan' | 'magenta' | 'bold' | 'dim'

/** A text in a style: how it looks is decided where it is printed. */
export interface Styled {
  readonly style: Style
  readonly text: string
}

/** A text of which each line is shown up to this length. It is masked first, so that no part of a secret is left. */
export interface Shortened {
  readonly text: Text
  readonly longestLine: number
}

/** Text for people, in one piece or in several. */
export type Text = string | Styled | Shortened | readonly Text[]

/** Colours text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })

export function styled(style: Style, text: string): Styled {
  return { style, text }
}

export function shortened(longestLine: number, text: Text): Shortened {
  return { text, longestLine }
}

/** Colour on a terminal, unless NO_COLOR (https://no-color.org) asks for none. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const wanted = environment.NO_COLOR === undefined || environment.NO_COLOR === ''
  return stream.isTTY === true && wanted && environment.TERM !== 'dumb' ? coloured : plain
}
