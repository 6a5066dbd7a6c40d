import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'

declare module './definition/write.ts' {
  interface KindValues {
    'unit-files': { readonly changed: boolean }
  }
}

/**
 * The answer whether unit files changed since systemd read them. systemd does not notice new drop-in directories,
 * because it checks only files that it has read. Therefore files that are newer than its last reading count too.
 * systemd before version 250 does not report that time.
 */
export const unitFiles = defineKind<'unit-files', Record<string, never>>({
  name: 'unit-files',
  subject: () => '/etc/systemd/system',
  read: () => sh`
    reading=$(systemctl show --timestamp=us+utc --property=UnitsLoadTimestamp) || exit
    case $reading in
      UnitsLoadTimestamp=) reading=$(systemctl show --timestamp=us+utc --property=UnitsLoadFinishTimestamp) || exit ;;
    esac
    younger=
    if [ -n "$reading" ]; then
      younger=$(find /etc/systemd/system /usr/lib/systemd/system -newermt "\${reading#*=}" -print -quit) || exit
    fi
    if [ -n "$younger" ]; then echo changed
    elif systemctl show --property=NeedDaemonReload --value '*' | grep -qx yes; then echo changed
    else echo read
    fi
  `,
  parse(output, questions) {
    const answer = output.trim()
    if (answer !== 'changed' && answer !== 'read')
      throw new Error(`unexpected answer about unit files: ${output}`)
    return questions.map(() => ({ changed: answer === 'changed' }))
  },
  livesIn: () => [],
  dependsOn: {
    scopes: ['packages', 'anything'],
    paths: () => ['/etc/systemd', '/run/systemd', '/lib/systemd', '/usr/lib/systemd', '/etc/init.d'],
    kinds: { unit: true },
  },
})
