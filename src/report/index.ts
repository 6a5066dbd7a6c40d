import type { CreateReporter } from './reporter.ts'

/** A format of reports. */
interface Format {
  /** A description for the help, if the name does not explain the format. */
  readonly describe?: string
  /** True if programs read the report, so that nothing else may be printed on standard output. */
  readonly isForPrograms: boolean
  readonly load: () => Promise<CreateReporter>
}

const formatsByName = {
  text: { isForPrograms: false, load: async () => (await import('./text.ts')).textReporter },
  jsonl: {
    describe: 'one JSON object for each event on stdout, everything else on stderr',
    isForPrograms: true,
    load: async () => (await import('./json-lines.ts')).jsonLinesReporter,
  },
} satisfies Record<string, Format>

export type FormatName = keyof typeof formatsByName

/** All formats, by their names in `--output`. */
export const formats: Readonly<Record<FormatName, Format>> = formatsByName

export const formatNames = Object.keys(formats) as FormatName[]
