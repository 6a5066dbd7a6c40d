/** An authentication method. The hash is raw bytes as latin1; empty without a password or for external plugins. */
export interface MysqlAuthentication {
  readonly plugin: string
  readonly hash: string
}

export interface MysqlTls {
  readonly type: 'none' | 'ssl' | 'x509' | 'specified'
  readonly cipher: string
  readonly issuer: string
  readonly subject: string
}

export interface MysqlLogin {
  readonly authentication: readonly MysqlAuthentication[]
  readonly tls: MysqlTls
}

/** Parses the row of an account in the format of the server. */
export function parseAccount(server: 'mariadb' | 'mysql', columns: readonly Buffer[]): MysqlLogin {
  return server === 'mariadb' ? fromMariadb(columns) : fromMysql(columns)
}

interface GlobalPrivilege {
  readonly plugin?: string
  readonly authentication_string?: string
  /** The alternatives; an empty object means the plugin of the account. */
  readonly auth_or?: readonly { readonly plugin?: string; readonly authentication_string?: string }[]
  readonly ssl_type?: number
  readonly ssl_cipher?: string
  readonly x509_issuer?: string
  readonly x509_subject?: string
}

const tlsTypes = ['none', 'ssl', 'x509', 'specified'] as const

function fromMariadb([json]: readonly Buffer[]): MysqlLogin {
  const stored = JSON.parse(json?.toString() ?? '') as GlobalPrivilege
  const type = tlsTypes[stored.ssl_type ?? 0]
  if (type === undefined) throw new Error(`unknown ssl_type of an account: ${stored.ssl_type ?? ''}`)
  return {
    authentication: (stored.auth_or ?? [{}]).map((alternative) => {
      const { plugin = '', authentication_string = '' } =
        alternative.plugin === undefined ? stored : alternative
      return { plugin, hash: authentication_string }
    }),
    tls: {
      type,
      cipher: stored.ssl_cipher ?? '',
      issuer: stored.x509_issuer ?? '',
      subject: stored.x509_subject ?? '',
    },
  }
}

const tlsNames: Readonly<Record<string, MysqlTls['type']>> = {
  '': 'none',
  ANY: 'ssl',
  X509: 'x509',
  SPECIFIED: 'specified',
}

function fromMysql(columns: readonly Buffer[]): MysqlLogin {
  const [plugin = '', hash = '', tls = '', cipher = '', issuer = '', subject = ''] = columns.map((column) =>
    column.toString('latin1'),
  )
  const type = tlsNames[tls]
  if (type === undefined) throw new Error(`unknown ssl_type of an account: ${tls}`)
  return { authentication: [{ plugin, hash }], tls: { type, cipher, issuer, subject } }
}
