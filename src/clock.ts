/** Returns milliseconds of a clock that never goes back. The global `performance` takes milliseconds to load. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
