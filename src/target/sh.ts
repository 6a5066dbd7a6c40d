import { UserError } from '../errors.ts'

/**
 * A POSIX shell script as data. Its attachments are files in a private directory `$FILES` on the host, which the
 * session creates before the script starts and removes afterwards. The directory is in memory if the host has such a
 * file system; a large attachment is a symlink to a file on disk.
 */
export interface Script {
  readonly text: string
  readonly attachments: ReadonlyMap<string, AttachmentContent>
}

/** A file on the controller. It is read piece by piece while it is sent. */
export class ControllerFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }
}

export type AttachmentContent = Buffer | ControllerFile

/** A file that is sent with a script. In an `sh` template it becomes the path of the file. */
export class Attachment {
  readonly name: string
  readonly content: AttachmentContent

  /** @param name a word of letters, digits, `_`, `.` and `-`, unique in the script */
  constructor(name: string, content: AttachmentContent) {
    if (!/^\w[\w.-]*$/.test(name)) throw new Error(`invalid attachment name: ${name}`)
    this.name = name
    this.content = content
  }
}

/** Creates an attachment. Content and secrets must be attachments, never arguments. */
export function attach(name: string, content: Buffer | string): Attachment {
  return new Attachment(name, Buffer.isBuffer(content) ? content : Buffer.from(content))
}

/** Creates an attachment from a file on the controller, which may not exist yet. */
export function attachFile(name: string, path: string): Attachment {
  return new Attachment(name, new ControllerFile(path))
}

export type Argument = string | number | readonly string[] | Attachment | Script

/**
 * Creates a script from a template. Its text is shell. A value becomes one quoted argument, a list several arguments,
 * an attachment its path, and a script its text. Strings are always quoted. Removes the common indentation.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly Argument[]): Script {
  const pieces = withoutIndentation(strings)
  const attachments = new Map<string, AttachmentContent>()
  let text = pieces[0] ?? ''
  values.forEach((value, index) => {
    text += shellWord(value, attachments) + (pieces[index + 1] ?? '')
  })
  return { text: text.trim(), attachments }
}

/** Joins scripts to one that runs them one after the other. */
export function joinScripts(scripts: readonly Script[]): Script {
  const attachments = new Map<string, AttachmentContent>()
  for (const script of scripts) addAttachments(script.attachments, attachments)
  return { text: scripts.map((script) => script.text).join('\n'), attachments }
}

/** Quotes a value as exactly one word of any POSIX shell. */
export function quote(value: string): string {
  if (value.includes('\0')) throw new UserError('a value for a shell command contains a NUL byte')
  return `'${value.replaceAll("'", `'\\''`)}'`
}

function shellWord(value: Argument, attachments: Map<string, AttachmentContent>): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return quote(String(value))
  if (value instanceof Attachment) {
    addAttachments(new Map([[value.name, value.content]]), attachments)
    return `"$FILES/${value.name}"`
  }
  if ('text' in value) {
    addAttachments(value.attachments, attachments)
    return value.text
  }
  return value.map(quote).join(' ')
}

function addAttachments(
  from: ReadonlyMap<string, AttachmentContent>,
  to: Map<string, AttachmentContent>,
): void {
  for (const [name, content] of from) {
    const present = to.get(name)
    if (present !== undefined && !isSame(present, content))
      throw new Error(`different attachments with the name ${name}`)
    to.set(name, content)
  }
}

function isSame(one: AttachmentContent, other: AttachmentContent): boolean {
  if (Buffer.isBuffer(one)) return Buffer.isBuffer(other) && one.equals(other)
  return !Buffer.isBuffer(other) && one.path === other.path
}

function withoutIndentation(strings: TemplateStringsArray): string[] {
  const lines = strings.join('\u0000').split('\n').slice(1)
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0)
  const indent = indents.length === 0 ? 0 : Math.min(...indents)
  return strings.map((piece) =>
    piece.replaceAll(new RegExp(`\\n {1,${Math.max(indent, 1)}}`, 'g'), indent === 0 ? '$&' : '\n'),
  )
}
