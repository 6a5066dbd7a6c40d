import { didYouMean } from '../../text/did-you-mean.ts'
import { textPattern } from '../../variables/templated.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import type { Handler, Include, Notification, Play } from '../playbook.ts'
import { nodesIn } from '../select/nodes.ts'

/** The handlers that can be notified in a play. */
export class HandlerNames {
  readonly #names = new Set<string>()
  /** Patterns for names that contain expressions. */
  readonly #patterns: RegExp[] = []
  readonly #isOpen: boolean

  constructor(play: Play, hasGaps: boolean) {
    const includes = [...nodesIn(play.sections.flat())].filter(
      (node): node is Include => node.type === 'include',
    )
    const included = includes.flatMap((include) => include.handlersOf(String(include.target.value)))
    for (const handler of [...play.handlers, ...included]) this.#learn(handler)
    this.#isOpen =
      hasGaps || includes.some((include) => include.kind === 'role' && include.preloaded === undefined)
  }

  check(notifications: readonly Notification[], diagnostics: Diagnostics): void {
    for (const { handler, at } of notifications.filter((one) => !this.#isKnown(one)))
      diagnostics.add(at, `no such handler: '${handler}'`, didYouMean(handler, this.#names))
  }

  #learn(handler: Handler): void {
    const qualified = handler.role === undefined ? [] : [`${handler.role.name} : ${handler.name}`]
    const { dialect } = handler.params
    for (const name of [handler.name, ...qualified, ...handler.listen]) {
      if (dialect.isTemplated(name)) this.#patterns.push(textPattern(name, dialect))
      else this.#names.add(name)
    }
  }

  #isKnown({ handler: name, dialect }: Notification): boolean {
    return (
      this.#isOpen ||
      dialect.isTemplated(name) ||
      this.#names.has(name) ||
      this.#patterns.some((pattern) => pattern.test(name))
    )
  }
}
