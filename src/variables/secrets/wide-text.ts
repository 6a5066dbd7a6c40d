import { ViewBuilder, type TextView } from './text-view.ts'

/** Removes the NUL bytes of ASCII characters from UTF-16 text that was read as bytes. */
export function withoutNulls({ written, symbols, places }: TextView): TextView {
  const view = new ViewBuilder(symbols.length)
  for (let index = 0; index < symbols.length; index += 1) {
    const code = symbols.charCodeAt(index)
    if (code !== 0) view.append(code, places?.starts[index] ?? index, places?.ends[index] ?? index + 1)
  }
  return view.build(written)
}
