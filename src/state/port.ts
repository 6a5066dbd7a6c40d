import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { yesNoAnswers } from './parse/yes-no.ts'

export interface PortQuestion {
  readonly host: string
  readonly port: number
  /** The time limit for connecting, in seconds. Local ports are checked without a connection. */
  readonly connectTimeout: number
}

/** The hosts whose ports are looked up without a connection. */
const localHosts = ['127.0.0.1', '::1', 'localhost']

/**
 * Defines `port_is_open HOST PORT SECONDS`. It looks up loopback addresses in /proc/net/tcp, so that no server gets an
 * empty connection, and connects to others with bash, which every Debian has, or nc.
 */
const definition = sh`
  port_is_open() {
    case $1 in
      127.0.0.1) port_address='(0{8}|0100007F|0{32}|0{16}FFFF00000100007F)' ;;
      ::1) port_address='(0{32}|0{24}01000000)' ;;
      localhost) port_address='(0{8}|0100007F|0{32}|0{24}01000000|0{16}FFFF00000100007F)' ;;
      *) port_address= ;;
    esac
    if [ -n "$port_address" ] && [ -r /proc/net/tcp ]; then
      cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        grep -Eq "^ *[0-9]+: $port_address:$(printf %04X "$2") [0-9A-F]+:0000 0A "
    elif command -v bash >/dev/null; then
      # shellcheck disable=SC2016
      timeout "$3" bash -c ': <>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>/dev/null
    else
      nc -z -w "$3" "$1" "$2" 2>/dev/null
    fi
  }
`

/** Returns a shell condition and the function that it needs. */
export function portIsOpen({ host, port, connectTimeout }: PortQuestion): { setup: Script; test: Script } {
  return { setup: definition, test: sh`port_is_open ${host} ${port} ${connectTimeout}` }
}

declare module './definition/write.ts' {
  interface KindValues {
    port: boolean
  }
}

/** The answer whether a port accepts connections. */
export const port = defineKind<'port', PortQuestion>({
  name: 'port',
  subject: (question) => `${question.port} of ${question.host}`,
  read: (questions) =>
    joinScripts([
      definition,
      ...questions.map((question) => sh`if ${portIsOpen(question).test}; then echo yes; else echo no; fi`),
    ]),
  parse: yesNoAnswers,
  isMomentary: () => true,
  isSeenByOthers: ({ host }) => !localHosts.includes(host),
  dependsOn: {
    scopes: ['packages', 'services', 'anything'],
    kinds: { path: false, user: false, group: false, mysql: false },
    others: true,
  },
})
