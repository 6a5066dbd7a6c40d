import { UserError } from '../../errors.ts'
import { inVersionOrder } from '../../text/version-order.ts'
import { matchesTag } from './tag-pattern.ts'

const prefix = 'refs/tags/'

/**
 * The tags among what was pushed that match, in the order of their versions. Deleted ones do not count.
 * @param lines of git to its hook: `<old> <new> <ref>`
 */
export async function receivedTags(
  lines: AsyncIterable<string> | Iterable<string>,
  patterns: readonly string[],
): Promise<string[]> {
  const tags: string[] = []
  for await (const line of lines) {
    const [, now, ref] = /^[0-9a-f]+ ([0-9a-f]+) (refs\/.+)$/.exec(line) ?? []
    if (now === undefined || ref === undefined)
      throw new UserError(`not a line that git gives to a post-receive hook: ${JSON.stringify(line)}`)
    const isDeleted = /^0+$/.test(now)
    if (ref.startsWith(prefix) && !isDeleted) tags.push(ref.slice(prefix.length))
  }
  return inVersionOrder(tags.filter((tag) => matchesTag(tag, patterns)))
}
