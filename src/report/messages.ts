import type { Output, Reporter } from './reporter.ts'
import type { Paint } from './style.ts'

/** Only what a playbook has to say: the messages of its debug tasks under the name of the host, and what went wrong. */
export function messagesReporter(output: Output, paint: Paint): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'task') return
      const { module, status, host, msg } = event
      const broken = status === 'failed' || status === 'unreachable'
      if (broken) output.write(`${paint('bold', host)}\n${paint('red', `${event.task}: ${msg}`)}\n`)
      else if (module === 'debug' && status === 'ok') output.write(`${paint('bold', host)}\n${msg}\n`)
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}
