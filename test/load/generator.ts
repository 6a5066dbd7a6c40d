// A separate process, so that neither the test nor the tested tool slows the clients down.
import { LoadRun } from './load-run.ts'
import type { Command, Order, Reply } from './protocol.ts'

let run: LoadRun | undefined

process.on('message', (command: Command) => {
  void reply(command)
})
// the test has ended, or was killed
process.once('disconnect', () => {
  run?.abandon()
})

async function reply({ id, order }: Command): Promise<void> {
  const answer = await carryOut(order).catch((error: unknown) => ({ refused: String(error) }))
  process.send?.({ id, ...answer } satisfies Reply, undefined, {}, () => {
    if (order.name === 'stop') process.disconnect()
  })
}

async function carryOut(order: Order): Promise<Omit<Reply, 'id'>> {
  if (order.name === 'start') {
    run = new LoadRun(order.settings)
    return {}
  }
  if (run === undefined) throw new Error('the load has not begun')
  if (order.name === 'stop') return { report: await run.stop() }
  run.assertGoesOn()
  switch (order.name) {
    case 'allow':
      run.releases.allow(order.next)
      return {}
    case 'settle':
      run.releases.settle()
      return {}
    case 'open':
      run.open(order.window)
      return {}
    case 'close':
      run.close(order.window)
      return {}
    case 'await':
      await run.answers(order.answers)
      return {}
  }
}
