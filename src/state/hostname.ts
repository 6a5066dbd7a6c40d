import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

export interface HostnameValue {
  /** The current name in the kernel. */
  readonly current: string
  /** The name in /etc/hostname for the next boot; missing without that file. */
  readonly permanent?: string
}

declare module './definition/write.ts' {
  interface KindValues {
    hostname: HostnameValue
  }
}

/** The names of a host, now and after the next boot. */
export const hostname = defineKind<'hostname', Record<string, never>>({
  name: 'hostname',
  subject: () => 'host',
  read: () => sh`
    uname -n
    if [ -f /etc/hostname ]; then cat /etc/hostname; fi
  `,
  parse(output, questions) {
    const [current, ...file] = lines(output)
    if (current === undefined) throw new Error('uname printed no name')
    const permanent = file.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'))
    return questions.map(() => ({ current, ...(permanent === undefined ? {} : { permanent }) }))
  },
  livesIn: () => ['/etc/hostname'],
  dependsOn: { scopes: ['anything'], paths: () => ['/etc/hostname'] },
})
