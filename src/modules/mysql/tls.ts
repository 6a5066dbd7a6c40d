import * as z from 'zod'

import type { MysqlTls } from '../../state/mysql/account.ts'
import { sqlText } from '../../state/mysql/sql.ts'

export type WantedTls = MysqlTls

/** `SSL:`, `X509:`, or one or more of `CIPHER: …`, `ISSUER: …`, `SUBJECT: …`; `{}` is none. */
export const tlsParam = z
  .record(z.string(), z.union([z.string(), z.null()]))
  .transform((given, context): WantedTls => {
    const parts = new Map(Object.entries(given).map(([name, value]) => [name.toUpperCase(), value ?? '']))
    const unknown = [...parts.keys()].filter((name) => !known.includes(name))
    if (unknown.length === 0) {
      const [cipher = '', issuer = '', subject = ''] = ['CIPHER', 'ISSUER', 'SUBJECT'].map((name) =>
        parts.get(name),
      )
      return { type: typeOf(parts), cipher, issuer, subject }
    }
    context.addIssue({ code: 'custom', message: `expected ${known.join(', ')}, not ${unknown.join(', ')}` })
    return z.NEVER
  })

const known = ['SSL', 'X509', 'CIPHER', 'ISSUER', 'SUBJECT']

function typeOf(parts: ReadonlyMap<string, string>): MysqlTls['type'] {
  if (['CIPHER', 'ISSUER', 'SUBJECT'].some((name) => parts.has(name))) return 'specified'
  if (parts.has('X509')) return 'x509'
  return parts.has('SSL') ? 'ssl' : 'none'
}

export function wantsTls(present: MysqlTls, wanted: WantedTls): boolean {
  return requireClause(present) === requireClause(wanted)
}

export function describeTls(tls: MysqlTls): string {
  return requireClause(tls).replace('REQUIRE ', '')
}

export function requireClause({ type, cipher, issuer, subject }: MysqlTls): string {
  if (type !== 'specified') return `REQUIRE ${type.toUpperCase()}`
  const parts = Object.entries({ CIPHER: cipher, ISSUER: issuer, SUBJECT: subject })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${sqlText(value)}`)
  return `REQUIRE ${parts.join(' AND ')}`
}
