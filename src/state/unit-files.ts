import { sh } from '../target/sh.ts'
import { defineKind } from './key.ts'
import { writesPath } from './writes-path.ts'

/** Whether files of any loaded unit changed since systemd read them. */
export const unitFiles = defineKind<Record<string, never>, { readonly changed: boolean }>({
  name: 'unit-files',
  subject: () => '/etc/systemd/system',
  read: () => sh`
    if systemctl show --property=NeedDaemonReload --value '*' | grep -qx yes; then echo changed; else echo read; fi
  `,
  parse(output, questions) {
    const answer = output.trim()
    if (answer !== 'changed' && answer !== 'read') throw new Error(`not understood: ${output}`)
    return questions.map(() => ({ changed: answer === 'changed' }))
  },
  touchedBy(_question, write) {
    if (write.type === 'scope') return write.scope !== 'services'
    return (
      write.kind === 'unit' ||
      writesPath(write, ['/etc/systemd', '/run/systemd', '/lib/systemd', '/usr/lib/systemd', '/etc/init.d'])
    )
  },
})
