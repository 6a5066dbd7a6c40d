type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** Returns the values without those that are undefined, for properties that may be missing but not undefined. */
export function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<Values>
}
