import { UserError } from '../../errors.ts'

/**
 * The first statement of every script. It makes quoting independent of the server's SQL mode.
 */
export const sqlPreamble = "SET SESSION sql_mode = '';"

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  '\\': '\\\\',
  "'": "''",
}

/** Quotes a string literal for the SQL mode of the preamble. */
export function sqlText(value: string): string {
  refuseNul(value)
  return `'${value.replaceAll(/[\n\r\x1a\\']/g, (character) => escapes[character] ?? character)}'`
}

/** Quotes the name of a database, a table or a column. */
export function sqlName(value: string): string {
  refuseNul(value)
  return `\`${value.replaceAll('`', '``')}\``
}

/** Quotes an account: 'user'@'host'. */
export function sqlAccount(user: string, host: string): string {
  return `${sqlText(user)}@${sqlText(host)}`
}

/** Decodes a field of `mysql --batch`, which escapes newline, tab, NUL and backslash. */
export function decodeField(field: string): string {
  return field.replaceAll(/\\([nt0\\])/g, (_, letter: string) => decoded[letter] ?? letter)
}

const decoded: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' }

function refuseNul(value: string): void {
  if (value.includes('\0')) throw new UserError('a value for MySQL contains a NUL byte')
}
