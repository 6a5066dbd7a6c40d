import type { Node, Play, Playbook } from '../playbook/playbook.ts'
import { visibleLine } from '../report/visible.ts'

/** Lists the hosts of each play, for --list-hosts. */
export function listHosts(hosts: ReadonlyMap<Play, readonly string[]>): string[] {
  return [...hosts].flatMap(([play, names]) => [
    `play ${visibleLine(play.name)} (${names.length})`,
    ...names.map((name) => `  ${name}`),
  ])
}

/** Lists the tasks of each play with their tags, for --list-tasks. */
export function listTasks(playbook: Playbook): string[] {
  return playbook.plays.flatMap((play) => [
    `play ${visibleLine(play.name)}`,
    ...play.sections.flatMap((section) => section.flatMap((node) => listNode(node, '  '))),
  ])
}

function listNode(node: Node, indent: string): string[] {
  const tags = node.tags.length === 0 ? '' : `  [${node.tags.join(', ')}]`
  switch (node.type) {
    case 'task':
    case 'include':
      return [`${indent}${visibleLine(node.name)}${tags}`]
    case 'block':
      return [...node.block, ...node.rescue, ...node.always].flatMap((inner) => listNode(inner, indent))
  }
}
