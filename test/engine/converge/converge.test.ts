import { expect } from 'chai'

import { converge } from '../../../src/engine/converge/converge.ts'
import type { Convergence } from '../../../src/engine/converge/convergence.ts'
import type { Note } from '../../../src/engine/converge/note.ts'
import type { Machine } from '../../../src/engine/machine/machine.ts'
import { ExitCode, TaskFailure } from '../../../src/errors.ts'
import type { AnyModule, Lease, Step } from '../../../src/modules/definition/module.ts'
import { findOtherWriters } from '../../../src/state/swap/other-writers.ts'
import { staleReading } from '../../../src/state/swap/stale-reading.ts'
import { converging, machineOn, setting, thing } from '../fake-machine.ts'
import { FakeTarget, scriptOf } from '../fake-target.ts'

describe('converge', () => {
  let target: FakeTarget
  let machine: Machine
  beforeEach(() => {
    target = new FakeTarget({ door: 'open', window: 'open' })
    machine = machineOn(target)
  })

  const request = (name: string) => ({ user: undefined, keys: [thing.key({ name })] })
  const readWindow = () => machine.read(request('window'), [])
  const failureOf = async (work: Promise<Convergence>): Promise<TaskFailure> => {
    const error: unknown = await work.then(
      () => undefined,
      (failure: unknown) => failure,
    )
    if (!(error instanceof TaskFailure)) throw new Error('no task failure', { cause: error })
    return error
  }

  const noteOn = (noted: Machine, on: FakeTarget): Note & { isWritten: boolean } => ({
    machine: noted,
    user: undefined,
    script: on.script('note the handler'),
    removal: on.script('remove the record'),
    isWritten: false,
    written() {
      this.isWritten = true
    },
    removed() {
      this.isWritten = false
    },
  })

  it('runs only the read if nothing changes', async () => {
    const done = await converge(machine, setting({ name: 'door', value: 'open' }), converging())
    expect(done).to.deep.include({ type: 'done', changed: false, changes: [] })
    expect(target.ran).to.deep.equal(['get door'])
  })

  it('applies a change and reads it back in the same round trip', async () => {
    const done = await converge(machine, setting({ name: 'door', value: 'shut' }), converging())
    expect(done).to.deep.include({ type: 'done', changed: true, result: { value: 'shut', changes: 1 } })
    expect(target.ran).to.deep.equal(['get door', 'set door shut', 'get door'])
    expect(target.batches).to.have.length(2)
  })

  it('returns the effects of the steps that ran', async () => {
    const invocation = setting({ name: 'door', value: 'shut' }, { step: { effect: 'rings the bell' } })
    for (const check of [true, false]) {
      const done = await converge(machineOn(target), invocation, converging({ check }))
      expect(done).to.deep.include({ type: 'done', effects: ['rings the bell'] })
    }
  })

  it('fails a task whose change is undone', async () => {
    const undone = target.script('set door shut and open it again')
    const invocation = setting({ name: 'door', value: 'shut' }, { step: { script: undone } })
    const failure = await failureOf(converge(machine, invocation, converging()))
    expect(failure.message).to.equal('still differs after apply: value: it is open, not shut')
    expect(failure.hint).to.include('look for a service on the host that undoes the change')
  })

  it('does not show a secret whose change is undone', async () => {
    const undone = target.script('set door shut and open it again')
    const options = { step: { script: undone }, change: { secret: true as const } }
    const invocation = setting({ name: 'door', value: 'shut' }, options)
    const failure = await failureOf(converge(machine, invocation, converging()))
    expect(failure.message).to.equal('still differs after apply: value')
  })

  it('does not read a transient change back', async () => {
    const restart = target.script('restart the door')
    const options = { step: { script: restart }, change: { transient: true as const } }
    const done = await converge(machine, setting({ name: 'door', value: 'shut' }, options), converging())
    expect(done).to.deep.include({ type: 'done', changed: true })
    expect(target.ran).to.deep.equal(['get door', 'restart the door'])
  })

  it('reports a failed step with its outcome and the result of the state before it', async () => {
    const broken = target.script('break the door', () => ({ code: 3, stderr: 'stuck' }))
    const done = await converge(
      machine,
      setting({ name: 'door', value: 'shut' }, { step: { script: broken } }),
      converging(),
    )
    expect(done).to.deep.include({ type: 'failed', step: 'apply', command: 'break the door' })
    expect(done).to.nested.include({ 'outcome.code': 3, 'result.value': 'open' })
  })

  it('reads for later tasks together with the first read and with the change', async () => {
    const ahead = () => [request('window')]
    await converge(machine, setting({ name: 'door', value: 'shut' }), converging({ ahead }))
    expect(target.ran).to.deep.equal(['get door\nget window', 'set door shut', 'get door'])
  })

  it('looks further ahead after each read and after each change', async () => {
    await readWindow()
    machine.invalidate([thing.write({ name: 'window' }, 'shut')])
    const windows = [machine.window]
    for (const value of ['open', 'shut']) {
      await converge(machine, setting({ name: 'door', value }), converging())
      windows.push(machine.window)
    }
    expect(windows).to.deep.equal([4, 8, 8])
  })

  it('reports a module that only observes as unchanged, with its changes', async () => {
    const invocation = setting({ name: 'door', value: 'shut' }, { module: { observes: true } })
    const done = await converge(machine, invocation, converging())
    expect(done).to.deep.include({ type: 'done', changed: false })
    expect(done).to.have.nested.property('changes.length', 1)
  })

  it('explains a failed change, but not a failed validation', async () => {
    const explain = () => new TaskFailure('the door is stuck')
    const broken = target.script('break the door', () => ({ code: 3, stderr: 'stuck' }))
    const fine = target.script('prove the change')
    for (const [step, isExplained] of [
      [{ script: broken }, true],
      [{ script: fine, validate: broken }, false],
    ] as const) {
      const invocation = setting({ name: 'door', value: 'shut' }, { step, module: { explain } })
      const done = await converge(machineOn(target), invocation, converging())
      expect(done).to.deep.include({
        type: 'failed',
        step: isExplained ? 'apply' : 'validate',
        changed: true,
      })
      expect('meaning' in done).to.equal(isExplained)
    }
  })

  it('limits a step to its own time, to that of the task, or to half an hour', async () => {
    const limits: (number | undefined)[] = []
    for (const [stepLimit, taskLimit] of [
      [undefined, undefined],
      [7, undefined],
      [7, 5],
    ]) {
      target.things.set('door', 'open')
      const step = stepLimit === undefined ? {} : { timeLimit: stepLimit }
      const options = taskLimit === undefined ? {} : { timeLimit: taskLimit }
      await converge(
        machineOn(target),
        setting({ name: 'door', value: 'shut' }, { step }),
        converging(options),
      )
      limits.push(target.batches.at(-1)?.timeLimit)
    }
    expect(limits).to.deep.equal([1800, 7, 5])
  })

  it('limits several steps to the longest of their times', async () => {
    const steps = [5, 9, 7].map((timeLimit) => ({
      ...{ script: scriptOf('set door shut'), writes: [thing.write({ name: 'door' })], timeLimit },
    }))
    const invocation = setting({ name: 'door', value: 'shut' }, { module: { apply: () => steps } })
    await converge(machine, invocation, converging())
    expect(target.batches.at(-1)?.timeLimit).to.equal(9)
  })

  it('fails a task whose change causes another difference, and asks for another run', async () => {
    const diff = ({ current }: Readonly<Record<string, unknown>>) =>
      current === 'shut'
        ? [{ field: 'lock', before: { turns: 1 }, after: { turns: 2 } }]
        : [{ field: 'value', before: current, after: 'shut' }]
    const invocation = setting({ name: 'door', value: 'shut' }, { module: { diff } })
    const failure = await failureOf(converge(machine, invocation, converging()))
    expect(failure.message).to.equal('still differs after apply: lock: it is {"turns":1}, not {"turns":2}')
    expect(failure.hint).to.include('run it again')
  })

  for (const [title, before, after] of [
    ['present', 'one\ntwo', 'one'],
    ['desired', 'one', 'one\ntwo'],
  ] as const)
    it(`does not show a difference that is left if the ${title} value has several lines`, async () => {
      const diff = () => [{ field: 'content', before, after }]
      const invocation = setting({ name: 'door', value: 'shut' }, { module: { diff } })
      const failure = await failureOf(converge(machine, invocation, converging()))
      expect(failure.message).to.equal('still differs after apply: content')
    })

  it('accepts a transient difference that is left after the change', async () => {
    const diff = ({ current }: Readonly<Record<string, unknown>>) => [
      ...(current === 'shut' ? [] : [{ field: 'value', before: current, after: 'shut' }]),
      { field: 'bell', before: undefined, after: 'rung', transient: true as const },
    ]
    const invocation = setting({ name: 'door', value: 'shut' }, { module: { diff } })
    expect(await converge(machine, invocation, converging())).to.deep.include({ type: 'done', changed: true })
    expect(target.ran).to.deep.equal(['get door', 'set door shut', 'get door'])
  })

  it('reads for later tasks of the same user in the batch of the change, and not for other users', async () => {
    await readWindow()
    const ahead = () => [request('cat'), { ...request('dog'), user: 'root' }, request('door')]
    await machine.read(request('door'), [])
    await converge(machine, setting({ name: 'door', value: 'shut' }), converging({ ahead }))
    expect(target.ran.slice(2)).to.deep.equal(['set door shut', 'get door\nget cat'])
    expect(target.batches.every(({ user }) => user === undefined)).to.equal(true)
  })

  describe('of a waiting step', () => {
    it('drops all answers after a step that waits', async () => {
      await readWindow()
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { waits: true } })
      await converge(machine, invocation, converging())
      expect(machine.missing(request('window'))).to.have.length(1)
    })

    it('keeps answers after a step that does not wait', async () => {
      await readWindow()
      await converge(machine, setting({ name: 'door', value: 'shut' }), converging())
      expect(machine.missing(request('window'))).to.have.length(0)
    })
  })

  describe('on a machine that differs from the reading', () => {
    /** Sets the door unless its value is another one than the reading, after other processes had their turn. */
    const swapping = (meanwhile: readonly (string | undefined)[], to = 'shut') => {
      const turns = [...meanwhile]
      let read = 'open'
      const script = target.script('swap the door', () => {
        const value = turns.shift()
        if (value !== undefined) target.things.set('door', value)
        const now = target.things.get('door') ?? ''
        if (now !== read) {
          read = now
          return { code: staleReading, stderr: 'door has changed since it was read\n' }
        }
        target.things.set('door', to)
        return undefined
      })
      return setting({ name: 'door', value: to }, { step: { script, swaps: true } })
    }

    it('reads and decides again, and reports the difference to the new reading', async () => {
      const done = await converge(machine, swapping(['ajar']), converging())
      expect(done).to.deep.include({
        ...{ type: 'done', changed: true },
        changes: [{ field: 'value', before: 'ajar', after: 'shut' }],
      })
      expect(target.ran).to.deep.equal([
        ...['get door', 'swap the door', 'get door'],
        ...['swap the door', 'get door'],
      ])
    })

    it('changes nothing if another process has made the change', async () => {
      const done = await converge(machine, swapping(['shut']), converging())
      expect(done).to.deep.include({ type: 'done', changed: false, changes: [] })
    })

    it('fails after three more attempts, and names the other writers', async () => {
      const writers = 'run deploy\nprocess 12 rsyslogd rsyslog.service\n'
      target.on(findOtherWriters([]), () => ({ stdout: writers }))
      const failure = await failureOf(converge(machine, swapping(['1', '2', '3', '4', '5']), converging()))
      expect(failure.message).to.equal(
        'door has changed since it was read, 4 times in a row, because of another run of hostwright (user deploy) and rsyslog.service (process 12, rsyslogd)',
      )
      expect(target.things.get('door')).to.equal('4')
    })

    it('does not take the exit code of another step for a stale reading', async () => {
      const script = target.script('exit like that', () => ({ code: staleReading }))
      const done = await converge(
        machine,
        setting({ name: 'door', value: 'shut' }, { step: { script } }),
        converging(),
      )
      expect(done).to.deep.include({ type: 'failed', step: 'apply' })
    })

    it('keeps the record of a notified handler only if the task changes something in the end', async () => {
      for (const [meanwhile, isKept] of [
        ['ajar', true],
        ['shut', false],
      ] as const) {
        target.things.set('door', 'open')
        const note = noteOn(machineOn(target), target)
        await converge(
          machineOn(target),
          swapping([meanwhile]),
          converging({ note: () => (note.isWritten ? undefined : note) }),
        )
        expect(note.isWritten, meanwhile).to.equal(isKept)
      }
    })

    it('removes the record of a notified handler if the task fails after all attempts', async () => {
      target.on(findOtherWriters([]), () => ({ stdout: '' }))
      const note = noteOn(machine, target)
      const invocation = swapping(['1', '2', '3', '4', '5'])
      await failureOf(
        converge(machine, invocation, converging({ note: () => (note.isWritten ? undefined : note) })),
      )
      expect(note.isWritten).to.equal(false)
      expect(target.ran).to.include('remove the record')
    })

    it('keeps a record that cannot be removed', async () => {
      const note = noteOn(machine, target)
      target.on(note.removal, () => ({ code: 1 }))
      await converge(
        machine,
        swapping(['shut']),
        converging({ note: () => (note.isWritten ? undefined : note) }),
      )
      expect(note.isWritten).to.equal(true)
    })

    it('does not read again before a task fails if the answer is fresh, in a dry run, or by a mistake', async () => {
      const failing = (error: Error) =>
        setting(
          { name: 'door', value: 'shut' },
          {
            module: {
              diff: () => {
                throw error
              },
            },
          },
        )
      const failure = new TaskFailure('the door is open')
      for (const [error, isKnown, check] of [
        [failure, false, false],
        [failure, true, true],
        [new TypeError('a mistake'), true, false],
      ] as const) {
        const own = machineOn(target)
        target.ran.length = 0
        if (isKnown) await own.read(request('door'), [])
        const thrown: unknown = await converge(own, failing(error), converging({ check })).catch(
          (it: unknown) => it,
        )
        expect(thrown).to.equal(error)
        expect(target.ran).to.deep.equal(['get door'])
      }
    })

    it('reports the changes of an earlier step of a stale attempt', async () => {
      const swap = swapping(['shut'])
      const module = {
        ...swap.module,
        apply: (...given: Parameters<typeof swap.module.apply>) => [
          { script: scriptOf('set window shut'), writes: [] },
          ...swap.module.apply(...given),
        ],
      }
      const done = await converge(machine, { ...swap, module }, converging())
      expect(done).to.deep.include({ type: 'done', changed: true })
      expect(done).to.have.nested.property('changes.length', 1)
    })

    it('reads again before a task fails because of an answer that was read earlier', async () => {
      await machine.read(request('door'), [])
      const demanding = setting(
        { name: 'door', value: 'shut' },
        {
          module: {
            diff: ({ current }: Readonly<Record<string, unknown>>) => {
              if (current !== 'shut') throw new TaskFailure(`the door is ${String(current)}`)
              return []
            },
          },
        },
      )
      expect(await failureOf(converge(machine, demanding, converging()))).to.have.property(
        'message',
        'the door is open',
      )
      expect(target.ran).to.deep.equal(['get door', 'get door'])
      target.things.set('door', 'shut')
      const done = await converge(machine, demanding, converging())
      expect(done).to.deep.include({ type: 'done', changed: false })
    })
  })

  describe('with a notified handler', () => {
    it('records a notified handler after the validation and before the change, in one batch', async () => {
      const validate = target.script('prove the change')
      const note = noteOn(machine, target)
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { validate } })
      await converge(machine, invocation, converging({ note: () => note }))
      expect(target.ran.slice(1, 4)).to.deep.equal(['prove the change', 'note the handler', 'set door shut'])
      expect(target.batches).to.have.length(2)
      expect(note.isWritten).to.equal(true)
    })

    it('does not record a notified handler if the validation fails', async () => {
      const validate = target.script('prove the change', () => ({ code: 1, stderr: 'bad' }))
      const note = noteOn(machine, target)
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { validate } })
      const done = await converge(machine, invocation, converging({ note: () => note }))
      expect(done).to.deep.include({ type: 'failed', step: 'validate' })
      expect(target.ran).not.to.include('note the handler')
      expect(note.isWritten).to.equal(false)
    })

    it('counts a notified handler as recorded even if the change fails', async () => {
      const broken = target.script('break the door', () => ({ code: 3 }))
      const note = noteOn(machine, target)
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { script: broken } })
      await converge(machine, invocation, converging({ note: () => note }))
      expect(note.isWritten).to.equal(true)
    })

    it('does not count a notified handler as recorded if only the validation before it succeeds', async () => {
      const validate = target.script('prove the change')
      const note = noteOn(machine, target)
      target.on(note.script, () => ({ code: 1, stderr: 'No space left on device' }))
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { validate } })
      await converge(machine, invocation, converging({ note: () => note }))
      expect(note.isWritten).to.equal(false)
      expect(target.things.get('door')).to.equal('open')
    })

    it('records a notified handler on the host before a change on another machine', async () => {
      const order: string[] = []
      const host = new FakeTarget()
      const note = noteOn(machineOn(host), host)
      host.on(note.script, () => void order.push('note'))
      const script = target.script('shut the door', () => {
        order.push('change')
        target.things.set('door', 'shut')
        return undefined
      })
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { script } })
      await converge(machine, invocation, converging({ note: () => note }))
      expect(order).to.deep.equal(['note', 'change'])
      expect(target.ran).not.to.include('note the handler')
      expect(note.isWritten).to.equal(true)
    })

    it('changes nothing if a notified handler cannot be recorded on the host', async () => {
      const host = new FakeTarget()
      const note = noteOn(machineOn(host), host)
      host.on(note.script, () => ({ code: 1, stderr: 'No space left on device' }))
      const failure = await failureOf(
        converge(machine, setting({ name: 'door', value: 'shut' }), converging({ note: () => note })),
      )
      expect(failure.message).to.equal('could not record the notified handlers: No space left on device')
      expect(target.things.get('door')).to.equal('open')
    })
  })

  describe('under a lease', () => {
    let holder: string
    const lock = (): Lease => ({
      name: 'the lock',
      interval: 3600,
      renew: target.script('renew', () =>
        holder === 'me' ? undefined : { code: 1, stderr: `${holder} has it` },
      ),
      environment: { LOCKED_BY: 'me' },
      release: target.script('release'),
    })
    const takeLock = () =>
      converge(machine, setting({ name: 'lock', value: 'me' }, { step: { acquires: lock() } }), converging())
    beforeEach(() => {
      holder = 'me'
    })
    afterEach(() => machine.leases.releaseAll())

    it('sends the guard and the environment of a lease with each later step', async () => {
      await takeLock()
      expect(target.batches.at(-1)?.guard).to.equal(undefined)
      await converge(machine, setting({ name: 'door', value: 'shut' }), converging())
      expect(target.batches.at(-1)?.guard?.text).to.equal('renew')
      expect(target.batches.at(-1)?.scripts[0]?.text).to.match(/LOCKED_BY=me/)
    })

    it('sends neither guard nor release after a step that releases the lease', async () => {
      await takeLock()
      const releasing = setting({ name: 'lock', value: 'nobody' }, { step: { releases: 'the lock' } })
      await converge(machine, releasing, converging())
      await converge(machine, setting({ name: 'door', value: 'shut' }), converging())
      expect(target.batches.at(-1)?.guard).to.equal(undefined)
      await machine.leases.releaseAll()
      expect(target.ran).not.to.include('release')
    })

    it('changes nothing more after another run has taken over the lease', async () => {
      await takeLock()
      holder = 'another run'
      const failure = await failureOf(
        converge(machine, setting({ name: 'door', value: 'shut' }), converging()),
      )
      expect(failure.message).to.equal('the lock was lost: another run has it')
      expect(failure.exitCode).to.equal(ExitCode.locked)
      expect(target.things.get('door')).to.equal('open')
    })
  })

  describe('in a dry run', () => {
    const check = converging({ check: true })

    it('changes nothing in a dry run and predicts the value', async () => {
      const done = await converge(machine, setting({ name: 'door', value: 'shut' }), check)
      expect(done).to.deep.include({ type: 'done', changed: true, result: { value: 'shut', changes: 1 } })
      const again = await converge(machine, setting({ name: 'door', value: 'shut' }), check)
      expect(again).to.deep.include({ type: 'done', changed: false })
      expect(target.ran).to.deep.equal(['get door'])
      expect(target.batches).to.have.length(1)
    })

    it('runs the validation in a dry run if no change is predicted', async () => {
      const validate = target.script('prove the change', () => ({ code: 1, stderr: 'bad' }))
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { validate } })
      expect(await converge(machine, invocation, check)).to.deep.include({ type: 'failed', step: 'validate' })
    })

    it('runs no validation after a predicted change on which it may depend', async () => {
      const validate = target.script('prove the change', () => ({ code: 1, stderr: 'bad' }))
      await converge(machine, setting({ name: 'window', value: 'shut' }), check)
      const invocation = setting({ name: 'door', value: 'shut' }, { step: { validate } })
      expect(await converge(machine, invocation, check)).to.deep.include({ type: 'done', changed: true })
      expect(target.ran).not.to.include('prove the change')
    })

    it('returns unknown output in a dry run only if all changes are transient', async () => {
      const outputAfter = async (kinds: readonly boolean[]) => {
        const diff = () =>
          kinds.map((isTransient) => ({
            field: 'door',
            before: 'open',
            after: 'shut',
            ...(isTransient ? { transient: true as const } : {}),
          }))
        const invocation = setting({ name: 'door', value: 'shut' }, { module: { diff } })
        const done = await converge(machine, invocation, check)
        if (done.type !== 'done') throw new Error(`it is ${done.type}`)
        return 'rc' in done.result
      }
      expect(await outputAfter([true])).to.equal(true)
      expect(await outputAfter([true, true])).to.equal(true)
      expect(await outputAfter([true, false])).to.equal(false)
      expect(await outputAfter([false])).to.equal(false)
    })

    describe('that cannot know the state', () => {
      const until = 'the cat has run'
      const known = (name: string) => machine.state.lookUp(undefined, thing.key({ name })).type
      beforeEach(async () => {
        await machine.read({ user: undefined, keys: [thing.key({ name: 'door' })] }, [])
        await readWindow()
        machine.state.predict([{ ...thing.write({ name: 'door' }), values: ['open', 'shut'], until }])
      })

      const alsoWritingWindow = (module: Partial<AnyModule> = {}) =>
        setting(
          { name: 'door', value: 'shut' },
          { step: { writes: [thing.write({ name: 'window' }, 'shut')] }, module },
        )

      it('returns the reason, and predicts the writes of the task', async () => {
        expect(await converge(machine, alsoWritingWindow(), check)).to.deep.equal({ type: 'unknown', until })
        expect(known('window')).to.equal('unknown')
      })

      it('predicts no writes of a task that only observes', async () => {
        const observing = alsoWritingWindow({ observes: true })
        expect(await converge(machine, observing, check)).to.deep.equal({ type: 'unknown', until })
        expect(known('window')).to.equal('value')
      })
    })

    it('predicts no writes of a task that the playbook declares harmless', async () => {
      for (const harmless of [true, false]) {
        await converge(
          machine,
          setting({ name: 'door', value: 'shut' }),
          converging({ check: true, harmless }),
        )
        expect(machine.state.predicting).to.equal(!harmless)
      }
    })

    it('names the task as the reason for an unknown value, unless the module gives another', async () => {
      for (const [until, expected] of [
        [undefined, "'set' has run"],
        ['the cat has run', 'the cat has run'],
      ] as const) {
        const own = machineOn(target)
        const write = { ...thing.write({ name: 'door' }), ...(until === undefined ? {} : { until }) }
        const invocation = setting({ name: 'door', value: 'shut' }, { step: { writes: [write] } })
        const done = await converge(own, invocation, check)
        expect(done).to.deep.include({ type: 'done', changed: true, result: {} })
        expect(own.state.lookUp(undefined, thing.key({ name: 'door' }))).to.deep.equal({
          ...{ type: 'unknown', until: expected },
        })
      }
    })

    it('reports a failed validation with its command and outcome, and no change', async () => {
      const validate = target.script('prove the change', () => ({ code: 1, stderr: 'bad' }))
      const options = { step: { validate, validateCommand: 'visudo -c' } }
      const done = await converge(machine, setting({ name: 'door', value: 'shut' }, options), check)
      expect(done).to.deep.include({ type: 'failed', changed: false, command: 'visudo -c', result: {} })
      expect(done).to.nested.include({ 'outcome.stderr': 'bad' })
      expect(machine.state.predicting).to.equal(false)
    })

    it('announces its steps, in a dry run too, unless nothing changes', async () => {
      const announced: number[] = []
      for (const isDry of [true, false])
        for (const value of ['shut', 'shut']) {
          const onSteps = (steps: readonly Step[]) => void announced.push(steps.length)
          await converge(
            isDry ? machine : machineOn(target),
            setting({ name: 'door', value }),
            converging({ check: isDry, onSteps }),
          )
        }
      expect(announced).to.deep.equal([1, 1])
    })

    it('reports a step that waits or observes as unknown in a dry run', async () => {
      const invocation = setting({ name: 'door', value: 'shut' }, { module: { observes: true } })
      const done = await converge(machine, invocation, check)
      expect(done).to.deep.equal({ type: 'unknown', until: 'value is in the expected state' })
    })
  })

  it('converges one task at a time on a machine', async () => {
    const toggled = (value: string, found: string[]) =>
      setting(
        { name: 'door', value },
        {
          module: {
            apply: ([change]) => {
              found.push(String(change?.before))
              return [
                { script: scriptOf(`set door ${value}`), writes: [thing.write({ name: 'door' }, value)] },
              ]
            },
          },
        },
      )
    const found: string[] = []
    await Promise.all([
      converge(machine, toggled('shut', found), converging()),
      converge(machine, toggled('ajar', found), converging()),
      converge(machine, toggled('shut', found), converging()),
    ])
    expect(found).to.deep.equal(['open', 'shut', 'ajar'])
  })
})
