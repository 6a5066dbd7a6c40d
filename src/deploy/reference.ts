import { UsageError } from '../errors.ts'

/** A name for the commit to deploy. */
export type Reference =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'revision'; readonly name: string }

export interface ReferenceOptions {
  readonly tag?: string | undefined
  readonly branch?: string | undefined
  readonly revision?: string | undefined
}

/** Returns the reference of the options; throws UsageError unless there is exactly one. */
export function referenceFrom({ tag, branch, revision }: ReferenceOptions): Reference {
  const named: Reference[] = []
  if (tag !== undefined) named.push({ kind: 'tag', name: refName('tag', tag) })
  if (branch !== undefined) named.push({ kind: 'branch', name: refName('branch', branch) })
  if (revision !== undefined) named.push({ kind: 'revision', name: revisionName(revision) })
  const [reference, another] = named
  if (reference === undefined)
    throw new UsageError('no commit to deploy', 'give --tag, --branch or --revision')
  if (another !== undefined)
    throw new UsageError(
      `cannot deploy both ${describeReference(reference)} and ${describeReference(another)}`,
      'give exactly one of --tag, --branch and --revision',
    )
  return reference
}

/** "tag v1.2.3" */
export function describeReference({ kind, name }: Reference): string {
  return `${kind} ${name}`
}

// git's own rules for names (git check-ref-format)
const forbidden = /^-|^\/|\/$|\/\/|\.$|\.lock$|\.\.|@\{|^@$|(^|\/)\.|[\0- \x7f~^:?*[\\]/

/** Characters that git allows, but which make one name look like another. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

function refName(kind: 'tag' | 'branch', name: string): string {
  if (unseen.test(name))
    throw new UsageError(
      `invalid ${kind} name ${JSON.stringify(name)}: it has control or invisible characters`,
      `use a ${kind} with visible characters only, or deploy the commit with --revision`,
    )
  if (name === '' || forbidden.test(name))
    throw new UsageError(
      `invalid ${kind} name ${JSON.stringify(name)}`,
      /^[\w./-]+[~^@]/.test(name)
        ? `give only the name of the ${kind}, or the commit's hash with --revision`
        : `give the name without refs/, blanks, wildcards and a leading dash`,
    )
  return name
}

function revisionName(revision: string): string {
  if (!/^[0-9a-f]{4,40}$/i.test(revision))
    throw new UsageError(
      `invalid revision ${JSON.stringify(revision)}`,
      "give the commit's hash, or at least its first four digits",
    )
  return revision.toLowerCase()
}
