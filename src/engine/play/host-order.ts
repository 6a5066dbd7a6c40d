import type { Order } from '../../playbook/playbook.ts'

/** Returns the hosts in the order that a play sets. @param hosts in the order of the inventory */
export function inOrder<Host extends { readonly name: string }>(
  hosts: readonly Host[],
  order: Order,
): Host[] {
  switch (order) {
    case 'inventory':
      return [...hosts]
    case 'reverse_inventory':
      return [...hosts].reverse()
    case 'sorted':
      return sorted(hosts)
    case 'reverse_sorted':
      return sorted(hosts).reverse()
    case 'shuffle':
      return shuffled(hosts)
  }
}

function sorted<Host extends { readonly name: string }>(hosts: readonly Host[]): Host[] {
  return [...hosts].sort((one, other) => (one.name < other.name ? -1 : 1))
}

function shuffled<Host>(hosts: readonly Host[]): Host[] {
  return hosts
    .map((host) => ({ host, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ host }) => host)
}
