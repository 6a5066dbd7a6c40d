import { TaskFailure, UserError } from '../../errors.ts'
import type { Handler, Notification, Play, Task } from '../../playbook/playbook.ts'
import { clearPending, notePending, pending } from '../../state/pending-handlers.ts'
import { defined } from '../../text/defined.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { Scope } from '../../variables/scope.ts'
import { textPattern } from '../../variables/templated.ts'
import type { Note } from '../converge/note.ts'
import type { HostRun, Notice } from '../host/host-run.ts'
import { nameOn, renderedOn } from '../host/rendered-name.ts'
import { readTimeLimit, type ReadRequest } from '../machine/read-request.ts'
import { becomeUserOf } from '../task/keywords.ts'
import { tasksOf } from './upcoming.ts'

/**
 * The handlers of a play, and their records on the hosts, which survive an interrupted run. A notified handler is
 * recorded in the same batch as the change, and the record is removed after the handler has run. The next run takes
 * over the handlers that are left, and runs them after the tasks that notify them: such a task may repair something
 * that the handler needs.
 */
export class Handlers {
  readonly #play: Play
  /** The identity of the play in the records on the host. */
  readonly #identity: string
  readonly #handlers: Handler[]
  /** By host, the names that are recorded there, with the user who recorded them. */
  readonly #noted = new Map<HostRun, Map<string, string | undefined>>()
  readonly #done = new Map<HostRun, Set<string>>()
  /** By host, the handlers that an earlier run left and that have not run yet. */
  readonly #left = new Map<HostRun, Set<Handler>>()

  constructor(play: Play, playbook: string) {
    this.#play = play
    this.#identity = `${playbook}: ${play.name}`.replaceAll(/[\t\n]/g, ' ')
    this.#handlers = [...play.handlers]
  }

  add(handlers: readonly Handler[]): void {
    for (const handler of handlers) if (!this.#handlers.includes(handler)) this.#handlers.push(handler)
  }

  /**
   * Returns the handlers that a change by this task notifies on a host. Throws TaskFailure for an unknown name.
   * @param scopes the variables of the task, or of each changed item of its loop
   */
  notifiedBy(
    task: Task,
    host: HostRun,
    scopes: readonly Scope[] = [host.variables.scopeOf(task)],
  ): Handler[] {
    if (task.notify.length === 0) return []
    const called = new Set(
      scopes.flatMap((scope) =>
        task.notify.flatMap((notification) => this.#calledBy(notification, host, scope)),
      ),
    )
    return this.#handlers.filter((handler) => called.has(handler))
  }

  notify(handlers: readonly Handler[], host: HostRun, notice: Notice): void {
    for (const handler of handlers) {
      if (host.notified.get(handler) !== 'certain') host.notified.set(handler, notice)
    }
  }

  /** Returns a note with the handlers that are not recorded on the host yet; undefined if all are. */
  note(handlers: readonly Handler[], host: HostRun, user: string | undefined): Note | undefined {
    const noted = this.#notedOn(host)
    const names = handlers.map((handler) => this.#nameOf(handler)).filter((name) => !noted.has(name))
    if (names.length === 0) return undefined
    return {
      machine: host.machine,
      user,
      script: notePending(this.#identity, names),
      written: () => {
        for (const name of names) noted.set(name, user)
      },
      removal: clearPending(this.#identity, names),
      removed: () => {
        for (const name of names) noted.delete(name)
      },
    }
  }

  /** Returns the first handler, in the order of definition, that is notified on any of the hosts. */
  next(hosts: readonly HostRun[]): Handler | undefined {
    return this.#handlers.find((handler) => hosts.some((host) => host.notified.has(handler)))
  }

  /** Returns the reads that find the handlers that an earlier run left behind. */
  requests(host: HostRun): ReadRequest[] {
    if (this.#left.has(host)) return []
    const users = new Set(this.#notifyingTasks().map((task) => userOf(task, host)))
    return [...users].map((user) => ({ user, keys: [pending.key({ play: this.#identity })] }))
  }

  /** Takes over the handlers that an earlier run left behind. Returns their names. */
  async takeOver(host: HostRun): Promise<string[]> {
    if (this.#left.has(host)) return []
    const names: string[] = []
    for (const request of this.requests(host)) {
      if (host.machine.missing(request).length > 0) await host.machine.read(request, [])
      for (const key of request.keys) {
        const knowledge = host.machine.state.lookUp(request.user, key)
        if (knowledge.type !== 'value') continue
        for (const name of this.#adopt(host, request.user, knowledge.value as readonly string[]))
          names.push(name)
      }
    }
    this.#left.set(host, new Set(names.flatMap((name) => this.#named(name) ?? [])))
    return names
  }

  /** Notifies the handlers of an earlier run that none of the remaining tasks can notify. */
  notifyLeft(host: HostRun, ahead: readonly Task[]): void {
    const due = [...(this.#left.get(host) ?? [])].filter(
      (handler) => !ahead.some((task) => canNotify(task, handler)),
    )
    this.notify(due, host, 'certain')
  }

  /** Marks the handler's record as obsolete. */
  ran(handler: Handler, host: HostRun): void {
    const done = this.#done.get(host) ?? new Set<string>()
    this.#done.set(host, done.add(this.#nameOf(handler)))
    this.#left.get(host)?.delete(handler)
  }

  /** Removes the records of handlers that have run from the host. */
  async clear(host: HostRun): Promise<void> {
    const noted = this.#notedOn(host)
    const done = [...(this.#done.get(host) ?? [])].filter((name) => noted.has(name))
    this.#done.delete(host)
    for (const user of new Set(done.map((name) => noted.get(name)))) {
      const names = done.filter((name) => noted.get(name) === user)
      const [outcome] = await host.machine.run(user, [clearPending(this.#identity, names)], {
        timeLimit: readTimeLimit,
      })
      // A record that is left makes the next run repeat the handler.
      if (outcome?.code === 0) for (const name of names) noted.delete(name)
    }
  }

  /** Returns the names of recorded handlers that have not run. */
  pendingOn(host: HostRun): string[] {
    return [...this.#notedOn(host).keys()]
  }

  #adopt(host: HostRun, user: string | undefined, names: readonly string[]): string[] {
    const noted = this.#notedOn(host)
    return names.filter((name) => {
      // This run recorded it, so it is notified already.
      if (noted.has(name)) return false
      noted.set(name, user)
      return this.#named(name) !== undefined
    })
  }

  /** Returns the handler of this name and those that listen to it. Of several with one name, the last one counts. */
  #calledBy({ handler: text, dialect, at }: Notification, host: HostRun, scope: Scope): Handler[] {
    const name = dialect.isTemplated(text)
      ? String(scope.render({ value: text, dialect, at: () => at }))
      : text
    const named = this.#handlers.findLast((handler) => namesOn(host, handler).includes(name))
    const listening = this.#handlers.filter(
      (handler) => topicsOn(host, handler).includes(name) && this.#isLast(handler, name, host),
    )
    if (named === undefined && listening.length === 0)
      throw new TaskFailure(`no such handler: '${name}'`, {
        ...defined({
          hint: didYouMean(
            name,
            this.#handlers.flatMap((handler) => namesOn(host, handler)),
          ),
        }),
      })
    return named === undefined ? listening : [named, ...listening]
  }

  #named(name: string): Handler | undefined {
    return this.#handlers.findLast((handler) => handler.name === name || qualifiedName(handler) === name)
  }

  #isLast(handler: Handler, topic: string, host: HostRun): boolean {
    const same = this.#handlers.filter(
      (other) => other.name === handler.name && topicsOn(host, other).includes(topic),
    )
    return same.at(-1) === handler
  }

  /** Returns a unique name of the handler. */
  #nameOf(handler: Handler): string {
    return this.#named(handler.name) === handler ? handler.name : qualifiedName(handler)
  }

  #notedOn(host: HostRun): Map<string, string | undefined> {
    const noted = this.#noted.get(host) ?? new Map<string, string | undefined>()
    this.#noted.set(host, noted)
    return noted
  }

  #notifyingTasks(): Task[] {
    const tasks = this.#play.sections.flatMap((section) => section.flatMap((node) => [...tasksOf(node)]))
    return tasks.filter((task) => task.notify.length > 0)
  }
}

/** Returns the names by which a task on the host can notify a handler. */
function namesOn(host: HostRun, handler: Handler): string[] {
  const name = nameOn(host, handler)
  return handler.role === undefined ? [name] : [name, `${handler.role.name} : ${name}`]
}

function topicsOn(host: HostRun, handler: Handler): string[] {
  return handler.listen.map((topic) => renderedOn(host, handler, topic))
}

/** Returns whether a task may notify a handler, for some values of the variables in their names. */
function canNotify(task: Task, handler: Handler): boolean {
  const { dialect } = handler
  const names = [handler.name, qualifiedName(handler), ...handler.listen]
  return task.notify.some((notification) =>
    names.some(
      (name) =>
        textPattern(notification.handler, notification.dialect).test(name) ||
        textPattern(name, dialect).test(notification.handler) ||
        (dialect.isTemplated(name) && notification.dialect.isTemplated(notification.handler)),
    ),
  )
}

function qualifiedName({ name, role }: Handler): string {
  return role === undefined ? name : `${role.name} : ${name}`
}

function userOf(task: Task, host: HostRun): string | undefined {
  try {
    return becomeUserOf(task, host.variables.scopeOf(task))
  } catch (error) {
    // The task reports its mistake when it runs.
    if (error instanceof NotKnown || error instanceof UserError) return undefined
    throw error
  }
}
