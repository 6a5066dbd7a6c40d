import type { Listener } from '../engine/event.ts'
import type { Ask } from '../target/settings.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'

/** The hosts, and the connection to each. */
export interface ConnectionOptions {
  /** Inventory files, folders, or lists such as "web1,web2,". Default: the folder `inventory`. */
  readonly inventory?: readonly string[] | undefined
  /** Excludes every host that this pattern does not match. */
  readonly limit?: string | undefined
  /** Variables as `name=value`, `@file` or JSON, which override those of the inventory and the playbook. */
  readonly extraVars?: readonly string[] | undefined
  /** The number of hosts to work on at the same time. Default: 50. */
  readonly forks?: number | undefined
  readonly user?: string | undefined
  /** The file of the private key. */
  readonly privateKey?: string | undefined
  /** The connection to hosts whose inventory does not set `ansible_connection`. */
  readonly connection?: 'ssh' | 'local' | undefined
  /** Runs tasks as root with sudo. */
  readonly become?: boolean | undefined
  /** Adds unknown host keys to known_hosts. */
  readonly acceptNewHostKeys?: boolean | undefined
}

/** Throw-away machines that replace the hosts. */
export interface SandboxOptions {
  readonly sandbox?: boolean | undefined
  /** The Debian release of the machines. */
  readonly debian?: 'bookworm' | 'trixie' | undefined
  readonly network?: 'isolated' | 'open' | undefined
}

/** The connection between a run and the program that starts it. */
export interface RunSurroundings {
  /** The sudo password, or a function that asks for it; it is called only if the playbook and the inventory have no errors. */
  readonly becomePassword?: string | (() => Promise<string>) | undefined
  /** Answers prompts, such as that for the passphrase of a key. Without it, a connection that needs a prompt fails. */
  readonly ask?: Ask | undefined
  /** The values that are masked in every event. */
  readonly secrets?: Secrets | undefined
  /** Stops the run, and ends scripts that are running on hosts. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: Listener | undefined
  /** Receives the progress of preparations that take long, as lines. */
  readonly onProgress?: ((line: string) => void) | undefined
}

export interface RunOptions extends ConnectionOptions, SandboxOptions, RunSurroundings {
  /** The path of the playbook. */
  readonly playbook: string
  /** Variables that override all others. Strings in them are data: templates are not evaluated. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  /** Runs only tasks with one of these tags. */
  readonly tags?: readonly string[] | undefined
  /** Skips tasks with one of these tags. */
  readonly skipTags?: readonly string[] | undefined
  /** The name of the first task to run, or a glob. */
  readonly startAtTask?: string | undefined
  /** The value of `ansible_diff_mode`. */
  readonly diff?: boolean | undefined
  /** Sends the scripts of each change as events. */
  readonly showCommands?: boolean | undefined
  /** Runs notified handlers even on hosts that failed. */
  readonly forceHandlers?: boolean | undefined
  /** Reads state for later tasks ahead. Default: true. */
  readonly lookahead?: boolean | undefined
}
