import type { CreateReporter } from './reporter.ts'

/** A format of reports. */
interface Format {
  /** For the help, where the name does not explain it. */
  readonly describe?: string
  /** Whether a program reads the report: nothing else is printed on standard output then. */
  readonly isForPrograms: boolean
  /** Loads the format when it is used. */
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

/** Every format, by its name in --output. */
export const formats: Readonly<Record<FormatName, Format>> = formatsByName

export const formatNames = Object.keys(formats) as FormatName[]
