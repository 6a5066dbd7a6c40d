import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

export interface HostnameValue {
  /** What the kernel says now. */
  readonly current: string
  /** What /etc/hostname says for the next boot; missing: there is no such file. */
  readonly permanent?: string
}

declare module './definition/write.ts' {
  interface KindValues {
    hostname: HostnameValue
  }
}

/** There is one name of a host. */
export const hostname = defineKind<'hostname', Record<string, never>>({
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
  livesIn: () => ['/etc/hostname'],
  dependsOn: { scopes: ['anything'], paths: () => ['/etc/hostname'] },
})
