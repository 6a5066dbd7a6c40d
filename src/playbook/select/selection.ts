import { NothingMatchedError } from '../../errors.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { globMatcher } from '../../text/glob.ts'
import type { Include, Node, Play, Playbook } from '../playbook.ts'
import { isUnforeseeable, nodesIn } from './nodes.ts'
import { selectTags, specialTags, type TagSelection } from './tags.ts'

export interface Selection extends TagSelection {
  /** The name of the first task to run, or a pattern with * and ?. */
  readonly startAtTask?: string
}

/** Returns the playbook with only the selected tasks. Throws NothingMatchedError for an unknown tag or task. */
export function selectNodes(playbook: Playbook, selection: Selection): Playbook {
  const all = [...nodesOf(playbook)]
  checkTags(all, selection)
  const tagged = narrow(playbook, (nodes) => withTags(nodes, selection))
  const { startAtTask } = selection
  const started = startAtTask === undefined ? tagged : startAt(tagged, startAtTask)
  if (all.length > 0 && started.plays.length === 0)
    throw new NothingMatchedError(`no task is selected by ${describe(selection)}`)
  return started
}

/** Returns the tags of the playbook's tasks. */
export function tagsOf(playbook: Playbook): string[] {
  return [...new Set([...nodesOf(playbook)].flatMap((node) => node.tags))].sort()
}

function* nodesOf(playbook: Playbook): Generator<Node> {
  for (const play of playbook.plays) yield* nodesIn(play.sections.flat())
}

function checkTags(nodes: readonly Node[], { tags, skipTags }: TagSelection): void {
  const known = new Set([...specialTags, ...nodes.flatMap((node) => node.tags)])
  if (nodes.some(isUnforeseeable)) return
  const unknown = [...tags, ...skipTags].find((tag) => !known.has(tag))
  if (unknown !== undefined)
    throw new NothingMatchedError(`no task has the tag '${unknown}'`, didYouMean(unknown, known))
}

/** Returns the playbook with fewer tasks, without plays that have none left. */
function narrow(playbook: Playbook, choose: (nodes: readonly Node[]) => Node[]): Playbook {
  const plays = playbook.plays.flatMap((play): Play[] => {
    const sections = play.sections.map(choose)
    const isEmptied = sections.every((section) => section.length === 0)
    return isEmptied && play.sections.some((section) => section.length > 0) ? [] : [{ ...play, sections }]
  })
  return { ...playbook, plays }
}

function withTags(nodes: readonly Node[], selection: TagSelection): Node[] {
  return nodes.flatMap((node): Node[] => {
    switch (node.type) {
      case 'task':
        return selectTags(node.tags, selection) ? [node] : []
      case 'include':
        return selectTags(node.tags, selection)
          ? [narrowInclude(node, (inner) => withTags(inner, selection))]
          : []
      case 'block': {
        const block = withTags(node.block, selection)
        const always = withTags(node.always, selection)
        if (block.length + always.length === 0) return []
        return [{ ...node, block, always, rescue: withTags(node.rescue, selection) }]
      }
    }
  })
}

/** Narrows the content of an include once per name, so that a node keeps its identity. */
function narrowInclude(include: Include, choose: (nodes: readonly Node[]) => Node[]): Include {
  const chosen = new Map<string, readonly Node[]>()
  const load = (name: string): readonly Node[] => {
    const nodes = chosen.get(name) ?? choose(include.load(name))
    chosen.set(name, nodes)
    return nodes
  }
  return {
    ...include,
    load,
    ...(include.preloaded === undefined ? {} : { preloaded: load(String(include.target.value)) }),
  }
}

function startAt(playbook: Playbook, pattern: string): Playbook {
  const named = [...nodesOf(playbook)].filter((node) => node.type !== 'block')
  const first = named.find((node) => namesOf(node).includes(pattern)) ?? named.find(matching(pattern))
  if (first === undefined) {
    const names = named.flatMap(namesOf)
    throw new NothingMatchedError(`no task is named '${pattern}'`, didYouMean(pattern, names))
  }
  const progress = { started: false }
  return narrow(playbook, (nodes) => from(first, nodes, progress))
}

function namesOf({ name, role }: Node): string[] {
  return role === undefined ? [name] : [name, `${role.name} : ${name}`]
}

function matching(pattern: string): (node: Node) => boolean {
  const matches = globMatcher(pattern, 'wildcards')
  return (node) => namesOf(node).some(matches)
}

/** Returns the first selected task and all that follow; `progress` spans all lists of the playbook. */
function from(first: Node, nodes: readonly Node[], progress: { started: boolean }): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (progress.started) return [node]
    if (node === first) progress.started = true
    if (progress.started) return [node]
    const rest = restOf(first, node, progress)
    // the first task is inside this node, or comes later
    return (progress.started as boolean) ? [rest] : []
  })
}

function restOf(first: Node, node: Node, progress: { started: boolean }): Node {
  const choose = (nodes: readonly Node[]): Node[] => from(first, nodes, progress)
  switch (node.type) {
    case 'task':
      return node
    case 'block':
      return { ...node, block: choose(node.block), rescue: choose(node.rescue), always: choose(node.always) }
    case 'include':
      return node.preloaded === undefined ? node : narrowInclude(node, choose)
  }
}

function describe({ tags, skipTags, startAtTask }: Selection): string {
  const parts = [
    tags.length === 0 ? [] : [`the tags ${tags.join(', ')}`],
    skipTags.length === 0 ? [] : [`skipping the tags ${skipTags.join(', ')}`],
    startAtTask === undefined ? [] : [`starting at '${startAtTask}'`],
  ]
  return parts.flat().join(' and ') || 'the default tags: every task is tagged `never`'
}
