import { UserError } from '../../errors.ts'

/**
 * The statements that every script of ours begins with: what quoted text means is settled here, whatever the server's own mode.
 */
export const sqlPreamble = "SET SESSION sql_mode = '';"

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  '\\': '\\\\',
  "'": "''",
}

/** A text of SQL, under the mode of the preamble. */
export function sqlText(value: string): string {
  refuseNul(value)
  return `'${value.replaceAll(/[\n\r\x1a\\']/g, (character) => escapes[character] ?? character)}'`
}

/** The name of a database, a table or a column. */
export function sqlName(value: string): string {
  refuseNul(value)
  return `\`${value.replaceAll('`', '``')}\``
}

/** An account: 'user'@'host'. */
export function sqlAccount(user: string, host: string): string {
  return `${sqlText(user)}@${sqlText(host)}`
}

/** What `mysql --batch` made of a field: it escapes newline, tab, NUL and the backslash. */
export function decodeField(field: string): string {
  return field.replaceAll(/\\([nt0\\])/g, (_, letter: string) => decoded[letter] ?? letter)
}

const decoded: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' }

function refuseNul(value: string): void {
  if (value.includes('\0')) throw new UserError('a value for MySQL contains a NUL byte')
}
