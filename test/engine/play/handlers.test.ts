import { expect } from 'chai'

import type { HostRun } from '../../../src/engine/host/host-run.ts'
import { Handlers } from '../../../src/engine/play/handlers.ts'
import type { Task } from '../../../src/playbook/playbook.ts'
import { clearPending, notePending, pending } from '../../../src/state/pending-handlers.ts'
import { hostOn, playWith } from '../fake-host.ts'
import { machineOn } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('Handlers', () => {
  const identity = 'site.yml: play'
  let target: FakeTarget
  let host: HostRun
  let handlers: Handlers
  let tasks: Task[]
  beforeEach(() => {
    target = new FakeTarget()
    const loaded = playWith(
      `
- {set: {name: a, value: "1"}, notify: [second, first]}
- {set: {name: b, value: "1"}, notify: everyone}
- {look: {name: c}}`,
      `  handlers:
    - {name: first, set: {name: a, value: "2"}}
    - {name: second, set: {name: b, value: "2"}, listen: everyone}
`,
    )
    tasks = loaded.tasks
    host = hostOn(machineOn(target), loaded.play)
    handlers = new Handlers(loaded.play, 'site.yml')
  })

  const namesOf = (called: readonly Task[]) => called.map(({ name }) => name)
  const note = (task: Task, user?: string) => handlers.note(handlers.notifiedBy(task, host), host, user)
  const journalHolds = (...lines: string[]) => {
    target.on(pending.read([]), () => ({ stdout: lines.map((line) => `${line}\n`).join('') }))
  }

  it('notifies handlers by name and by topic, in the order of definition', () => {
    expect(tasks.map((task) => namesOf(handlers.notifiedBy(task, host)))).to.deep.equal([
      ['first', 'second'],
      ['second'],
      [],
    ])
  })

  it('records a handler once on the machine of the host, and again only if the note was not written', () => {
    const [one, two, quiet] = tasks
    const first = note(one!, 'root')
    expect(first?.machine).to.equal(host.machine)
    expect(first?.user).to.equal('root')
    expect(first?.script).to.deep.equal(notePending(identity, ['first', 'second']))
    expect(note(two!)?.script).to.deep.equal(notePending(identity, ['second']))
    first?.written()
    expect(note(two!)).to.equal(undefined)
    expect(note(quiet!)).to.equal(undefined)
    expect(handlers.pendingOn(host)).to.deep.equal(['first', 'second'])
  })

  it('prefers a certain notification over a possible one', () => {
    const called = handlers.notifiedBy(tasks[1]!, host)
    for (const notice of ['possible', 'certain', 'possible'] as const) handlers.notify(called, host, notice)
    expect([...host.notified.values()]).to.deep.equal(['certain'])
  })

  it('takes over the handlers that an earlier run of this play left, once', async () => {
    journalHolds(`${identity}\tsecond`, 'site.yml: another play\tfirst', `${identity}\tno longer there`)
    expect(await handlers.takeOver(host)).to.deep.equal(['second'])
    expect(await handlers.takeOver(host)).to.deep.equal([])
    expect(handlers.requests(host)).to.deep.equal([])
  })

  it('takes handlers over without another read if the records were read ahead', async () => {
    journalHolds(`${identity}\tsecond`)
    await host.machine.read(handlers.requests(host)[0]!, [])
    expect(await handlers.takeOver(host)).to.deep.equal(['second'])
    expect(target.batches).to.have.length(1)
  })

  it('does not take over handlers that this run recorded', async () => {
    note(tasks[0]!)?.written()
    journalHolds(`${identity}\tfirst`)
    expect(await handlers.takeOver(host)).to.deep.equal([])
  })

  it('runs a handler of an earlier run only after the last task that may notify it', async () => {
    journalHolds(`${identity}\tfirst`, `${identity}\tsecond`)
    await handlers.takeOver(host)
    handlers.notifyLeft(host, tasks.slice(1))
    expect(namesOf([...host.notified.keys()])).to.deep.equal(['first'])
    handlers.notifyLeft(host, tasks.slice(2))
    expect(namesOf([...host.notified.keys()])).to.deep.equal(['first', 'second'])
  })

  it('removes the records only of handlers that ran, as the user who recorded them', async () => {
    note(tasks[0]!, 'root')?.written()
    handlers.ran(handlers.notifiedBy(tasks[1]!, host)[0]!, host)
    await handlers.clear(host)
    const [batch] = target.batches
    expect(batch?.user).to.equal('root')
    expect(batch?.scripts).to.deep.equal([clearPending(identity, ['second'])])
    expect(handlers.pendingOn(host)).to.deep.equal(['first'])
    await handlers.clear(host)
    expect(target.batches).to.have.length(1)
  })

  it('reports a handler as pending whose record the host could not remove', async () => {
    note(tasks[1]!)?.written()
    target.on(clearPending(identity, ['second']), () => ({ code: 1, stderr: 'No space left on device' }))
    handlers.ran(handlers.notifiedBy(tasks[1]!, host)[0]!, host)
    await handlers.clear(host)
    expect(handlers.pendingOn(host)).to.deep.equal(['second'])
  })
})
