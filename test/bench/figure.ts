/** One line of the report: the measured values, their number, and the target. */
export interface Figure {
  readonly name: string
  readonly values: readonly number[]
  readonly unit: 's' | 'MB' | 'round trips'
  /** The measurement of which the result is a multiple. */
  readonly floor?: Figure
  /** The maximum as a multiple of the floor or, without a floor, in the unit. */
  readonly target?: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

export function ratioOf({ values, floor }: Figure): number | undefined {
  return floor === undefined ? undefined : median(values) / median(floor.values)
}

export function isMet(figure: Figure): boolean | undefined {
  const { target, values } = figure
  return target === undefined ? undefined : (ratioOf(figure) ?? median(values)) <= target
}

const header = ['', 'median', 'min – max', 'runs', 'ratio', 'target', '']

/** Formats all figures as a table in plain text. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [header, ...figures.map(rowOf)]
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  )
  return lines.map((cells) => `${cells.join('  ').trimEnd()}\n`).join('')
}

function rowOf(figure: Figure): string[] {
  const { name, values, unit, target } = figure
  const ratio = ratioOf(figure)
  const met = isMet(figure)
  const limit = ratio === undefined ? `${String(target)} ${unit}` : `${target?.toFixed(1) ?? ''} x`
  return [
    name,
    `${shown(median(values), unit)} ${unit}`,
    `${shown(Math.min(...values), unit)} – ${shown(Math.max(...values), unit)}`,
    String(values.length),
    ratio === undefined ? '' : `${ratio.toFixed(2)} x`,
    target === undefined ? '' : `≤ ${limit}`,
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]
}

function shown(value: number, unit: Figure['unit']): string {
  if (unit === 'MB' && Math.abs(value) < 10) return value.toFixed(2)
  return value.toFixed(unit === 's' ? 3 : 0)
}
