import { sh } from '../target/sh.ts'
import { defineKind } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'
import { lines } from './parse/sections.ts'

export interface HostnameValue {
  /** What the kernel says now. */
  readonly current: string
  /** What /etc/hostname says for the next boot; missing: there is no such file. */
  readonly permanent?: string
}

/** There is one name of a host. */
export const hostname = defineKind<Record<string, never>, HostnameValue>({
  name: 'hostname',
  subject: () => 'host',
  read: () => sh`
    uname -n
    if [ -f /etc/hostname ]; then cat /etc/hostname; fi
  `,
  parse(output, questions) {
    const [current, ...file] = lines(output)
    if (current === undefined) throw new Error('uname said no name')
    const permanent = file.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'))
    return questions.map(() => ({ current, ...(permanent === undefined ? {} : { permanent }) }))
  },
  touchedBy(_question, write) {
    if (write.type === 'scope') return write.scope === 'anything'
    return writesPath(write, ['/etc/hostname'])
  },
})
