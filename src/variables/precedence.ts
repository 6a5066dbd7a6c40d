import type { Layer } from './layer.ts'

/** Where variables can be defined, lowest precedence first. What a later level defines hides the earlier. */
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

/** Layers by level; those of one level lowest first. */
export type LeveledLayers = { readonly [Level in PrecedenceLevel]?: readonly Layer[] }

/** The layers of several origins as one list for a Scope, lowest precedence first. */
export function orderLayers(...groups: readonly LeveledLayers[]): Layer[] {
  return precedence.flatMap((level) => groups.flatMap((group) => group[level] ?? []))
}
