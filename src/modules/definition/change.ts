/** One difference between the current and the desired state. */
export interface Change {
  /** e.g. "content", "mode", "state" */
  readonly field: string
  /** The file whose content changes. */
  readonly path?: string
  readonly before: unknown
  readonly after: unknown
  /** True if the change cannot be read back, e.g. a restart or a command. */
  readonly transient?: true
  /** True if the values must not be shown. */
  readonly secret?: true
}
