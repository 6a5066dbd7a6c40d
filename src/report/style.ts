import { styleText } from 'node:util'

export type Style = 'green' | 'yellow' | 'red' | 'cyan' | 'magenta' | 'bold' | 'dim'

/** A text in a style: how it looks is decided where it is printed. */
export interface Styled {
  readonly style: Style
  readonly text: string
}

/** Text for people, in one piece or in several. */
export type Text = string | Styled | readonly Text[]

/** Colours text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })

export function styled(style: Style, text: string): Styled {
  return { style, text }
}

/** Colour on a terminal, unless NO_COLOR (https://no-color.org) asks for none. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const wanted = environment.NO_COLOR === undefined || environment.NO_COLOR === ''
  return stream.isTTY === true && wanted && environment.TERM !== 'dumb' ? coloured : plain
}
