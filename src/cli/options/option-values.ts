import type { InferredOptionType, Options, PositionalOptions } from 'yargs'

export type OptionTable = Readonly<Record<string, Options>>

export type PositionalTable = Readonly<Record<string, PositionalOptions>>

/** The values of the options of a command, by their names in camel case; unknown if the table is not known. */
export type OptionValues<Table extends OptionTable | PositionalTable> = string extends keyof Table
  ? unknown
  : { readonly [Name in keyof Table as CamelCase<Name>]: InferredOptionType<Table[Name]> }

type CamelCase<Name> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name
