import { UserError } from '../../errors.ts'
import { inVersionOrder } from '../../text/version-order.ts'
import { matchesTag } from './tag-pattern.ts'

const prefix = 'refs/tags/'

/**
 * Returns the pushed tags that match, in version order, without deleted ones.
 * @param lines the standard input of the hook: `<old> <new> <ref>`
 */
export async function receivedTags(
  lines: AsyncIterable<string> | Iterable<string>,
  patterns: readonly string[],
): Promise<string[]> {
  const tags: string[] = []
  for await (const line of lines) {
    const [, now, ref] = /^[0-9a-f]+ ([0-9a-f]+) (refs\/.+)$/.exec(line) ?? []
    if (now === undefined || ref === undefined)
      throw new UserError(`invalid input for a post-receive hook: ${JSON.stringify(line)}`)
    const isDeleted = /^0+$/.test(now)
    if (ref.startsWith(prefix) && !isDeleted) tags.push(ref.slice(prefix.length))
  }
  return inVersionOrder(tags.filter((tag) => matchesTag(tag, patterns)))
}
