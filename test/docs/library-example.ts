import { run } from 'hostwright'

const { exitCode } = await run({
  playbook: 'playbooks/site.yml',
  inventory: ['inventory/production.yml'],
  signal: AbortSignal.timeout(600_000),
  onEvent: (event) => {
    if (event.event === 'task') console.log(event.host, event.task, event.status)
  },
})
console.log(`exit code: ${exitCode}`)
