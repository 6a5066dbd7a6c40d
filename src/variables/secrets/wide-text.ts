import { ViewBuilder, type TextView } from './text-view.ts'

/** A view of a text in UTF-16 that was read as bytes, without the NUL beside each ASCII character. */
export function withoutNulls({ written, symbols, places }: TextView): TextView {
  const view = new ViewBuilder(symbols.length)
  for (let index = 0; index < symbols.length; index += 1) {
    const code = symbols.charCodeAt(index)
    if (code !== 0) view.append(code, places?.starts[index] ?? index, places?.ends[index] ?? index + 1)
  }
  return view.build(written)
}
