import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'

export interface TimezoneQuestion {
  /** The zone to look up on the host. */
  readonly zone: string
}

export interface TimezoneValue {
  /** The target of /etc/localtime; missing without the file, which means UTC, or if it is a copy of unknown name. */
  readonly current?: string
  /** The zone in /etc/timezone; missing without that file. */
  readonly file?: string
  readonly known: boolean
  /** True if there are any zones (package tzdata). */
  readonly zonesInstalled: boolean
}

declare module './definition/write.ts' {
  interface KindValues {
    timezone: TimezoneValue
  }
}

export const timezone = defineKind<'timezone', TimezoneQuestion>({
  name: 'timezone',
  subject: () => 'host',
  read: (questions) => sh`
    link=$(readlink /etc/localtime || :)
    printf '%s\\n' "$link"
    file=
    if [ -f /etc/timezone ]; then IFS= read -r file </etc/timezone || :; fi
    printf '%s\\n' "$file"
    if [ -d /usr/share/zoneinfo ]; then echo zones; else echo none; fi
    set -- ${questions.map(({ zone }) => zone)}
    for zone; do
      if [ -f "/usr/share/zoneinfo/$zone" ]; then echo known; else echo unknown; fi
    done
  `,
  parse(output, questions) {
    const [link = '', file = '', zones, ...answers] = output.split('\n')
    const current = /\/zoneinfo\/(.+)$/s.exec(link)?.[1]
    return questions.map((_question, index) => {
      const answer = answers[index]
      if (answer !== 'known' && answer !== 'unknown')
        throw new Error(`unexpected answer about time zones: ${output}`)
      return {
        ...(current === undefined ? {} : { current }),
        ...(file === '' ? {} : { file }),
        known: answer === 'known',
        zonesInstalled: zones === 'zones',
      }
    })
  },
  livesIn: () => ['/etc/localtime', '/etc/timezone'],
  dependsOn: {
    scopes: (scope, _question, { zonesInstalled }) =>
      scope === 'anything' || (scope === 'packages' && !zonesInstalled),
    paths: () => ['/etc/localtime', '/etc/timezone', '/usr/share/zoneinfo'],
  },
})
