import type { Layer } from './layer.ts'

/** The places where variables can be defined, lowest precedence first. */
export const precedence = [
  'roleDefaults',
  'inventoryGroups',
  'inventoryGroupVarsAll',
  'playbookGroupVarsAll',
  'inventoryGroupVars',
  'playbookGroupVars',
  'inventoryHosts',
  'inventoryHostVars',
  'playbookHostVars',
  'facts',
  'playVars',
  'promptedVars',
  'varsFiles',
  'roleVars',
  'blockVars',
  'taskVars',
  'includedVars',
  'setFacts',
  'roleParams',
  'includeParams',
  'extraVars',
  'magic',
] as const

export type PrecedenceLevel = (typeof precedence)[number]

/** Layers by level, lowest precedence first within a level. */
export type LeveledLayers = { readonly [Level in PrecedenceLevel]?: readonly Layer[] }

/** Merges the layers of several origins into one list for a Scope, lowest precedence first. */
export function orderLayers(...groups: readonly LeveledLayers[]): Layer[] {
  return precedence.flatMap((level) => groups.flatMap((group) => group[level] ?? []))
}
