import { becomeMethods } from '../../become-methods.ts'
import { defined } from '../../text/defined.ts'
import type { Layer } from '../../variables/layer.ts'
import type { Expression, Templated } from '../../variables/templated.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { isMapping, type Part } from '../document/part.ts'
import type { Flag, Keywords, Notification, Quantity } from '../playbook.ts'
import type { ValueReader } from './values.ts'

/** The keywords that a play, block, role or import passes to its content. */
export interface Inherited {
  readonly when: readonly Expression[]
  readonly tags: readonly string[]
  readonly vars: readonly Layer[]
  readonly keywords: Keywords
  readonly notify: readonly Notification[]
  readonly runOnce: boolean
  readonly timeout?: Quantity
  readonly throttle?: number
}

export const nothingInherited: Inherited = {
  when: [],
  tags: [],
  vars: [],
  keywords: {},
  notify: [],
  runOnce: false,
}

const otherMethods = ['su', 'doas', 'pbrun', 'pfexec', 'dzdo', 'machinectl']

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Reads the keywords that plays, roles, blocks, imports and tasks share, and adds them to the inherited ones. */
export class KeywordReader {
  readonly #diagnostics: Diagnostics
  readonly #values: ValueReader

  constructor(diagnostics: Diagnostics, values: ValueReader) {
    this.#diagnostics = diagnostics
    this.#values = values
  }

  /** Adds the keywords of `part`, except for its vars, which some nodes treat differently. */
  inherit(outer: Inherited, part: Part): Inherited {
    const timeout = this.#values.quantity(part.get('timeout'), 'timeout') ?? outer.timeout
    const throttle = this.#values.wholeNumber(part.get('throttle'), 'throttle') ?? outer.throttle
    return {
      when: [...outer.when, ...(this.#values.conditions(part.get('when'), 'when') ?? [])],
      tags: [...new Set([...outer.tags, ...this.#values.tags(part.get('tags'))])],
      vars: outer.vars,
      keywords: this.#keywords(outer.keywords, part),
      notify: [...this.notifications(part), ...outer.notify],
      runOnce: this.#values.boolean(part.get('run_once'), 'run_once') ?? outer.runOnce,
      ...defined({ timeout, throttle }),
    }
  }

  withVars(outer: Inherited, part: Part, origin: string): Inherited {
    const inherited = this.inherit(outer, part)
    const vars = part.get('vars')
    if (vars === undefined) return inherited
    return { ...inherited, vars: [...inherited.vars, this.#values.variables(vars, origin)] }
  }

  notifications(part: Part): Notification[] {
    return this.#values
      .texts(part.get('notify'), 'notify')
      .map((item) => ({ handler: String(item.value), dialect: item.dialect, at: item.at() }))
  }

  #keywords(outer: Keywords, part: Part): Keywords {
    const flag = (keyword: string): Flag | undefined =>
      this.#values.templatedBoolean(part.get(keyword), keyword)
    const user = part.get('become_user')
    const becomeUser = this.#values.text(user, 'become_user') === undefined ? undefined : user
    const values: Mutable<Keywords> = defined({
      become: flag('become'),
      becomeUser,
      ignoreErrors: flag('ignore_errors'),
      ignoreUnreachable: flag('ignore_unreachable'),
      noLog: flag('no_log'),
      checkMode: flag('check_mode'),
      diff: flag('diff'),
    })
    // Tasks do not carry the method: `satisfies` fails for a second one.
    this.#values.oneOf(part.get('become_method'), 'become_method', becomeMethods, otherMethods) satisfies
      'sudo' | undefined
    const environment = this.#environment(part.get('environment'))
    if (environment.length > 0) values.environment = [...(outer.environment ?? []), ...environment]
    if (Object.keys(values).length === 0) return outer
    return { ...outer, ...values }
  }

  #environment(part: Part | undefined): Templated[] {
    if (part === undefined || part.value === null) return []
    return (part.items ?? [part]).filter((item) => {
      if (isMapping(item.value) || item.isTemplated) return true
      this.#diagnostics.add(item.at(), 'environment must be a mapping of names to values')
      return false
    })
  }
}
