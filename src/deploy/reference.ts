import { UsageError } from '../errors.ts'

/** What of the code base is to be deployed. */
export type Reference =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'revision'; readonly name: string }

export interface ReferenceOptions {
  readonly tag?: string | undefined
  readonly branch?: string | undefined
  readonly revision?: string | undefined
}

/** The one reference that was named. */
export function referenceFrom({ tag, branch, revision }: ReferenceOptions): Reference {
  const named: Reference[] = []
  if (tag !== undefined) named.push({ kind: 'tag', name: refName('tag', tag) })
  if (branch !== undefined) named.push({ kind: 'branch', name: refName('branch', branch) })
  if (revision !== undefined) named.push({ kind: 'revision', name: revisionName(revision) })
  const [reference, another] = named
  if (reference === undefined)
    throw new UsageError('what is to be deployed?', 'say --tag, --branch or --revision')
  if (another !== undefined)
    throw new UsageError(
      `${describeReference(reference)} and ${describeReference(another)} cannot both be deployed`,
      'say exactly one of --tag, --branch and --revision',
    )
  return reference
}

/** "tag v1.2.3" */
export function describeReference({ kind, name }: Reference): string {
  return `${kind} ${name}`
}

// git's own rules for names (git check-ref-format)
const forbidden = /^-|^\/|\/$|\/\/|\.$|\.lock$|\.\.|@\{|^@$|(^|\/)\.|[\0- \x7f~^:?*[\\]/

/** git allows them, and they make one name look like another. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

function refName(kind: 'tag' | 'branch', name: string): string {
  if (unseen.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is not a name for a ${kind}: it has control or invisible characters`,
      `give the commit a ${kind} whose name can be seen, or deploy it with --revision`,
    )
  if (name === '' || forbidden.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is not a name for a ${kind}`,
      /^[\w./-]+[~^@]/.test(name)
        ? `name the ${kind} alone, or the commit's hash with --revision`
        : `a ${kind}'s name is written without refs/, blanks and wildcards, and begins with no dash`,
    )
  return name
}

function revisionName(revision: string): string {
  if (!/^[0-9a-f]{4,40}$/i.test(revision))
    throw new UsageError(
      `${JSON.stringify(revision)} is not a revision`,
      "a revision is a commit's hash, of which at least four digits are written",
    )
  return revision.toLowerCase()
}
