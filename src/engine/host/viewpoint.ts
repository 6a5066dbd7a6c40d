import type { Common, Role } from '../../playbook/playbook.ts'
import type { Layer } from '../../variables/layer.ts'

/** The role and vars on which the variables of a task depend; the same object for all tasks that have the same. */
export interface Viewpoint {
  readonly role: Role | undefined
  readonly vars: readonly Layer[]
}

interface Step {
  readonly viewpoint: Viewpoint
  readonly further: WeakMap<Layer, Step>
}

const ofRoles = new WeakMap<Role, Step>()
const outsideOfRoles = stepOf({ role: undefined, vars: [] })

export function viewpointOf({ role, vars }: Pick<Common, 'role' | 'vars'>): Viewpoint {
  return vars.reduce(within, role === undefined ? outsideOfRoles : inRole(role)).viewpoint
}

function inRole(role: Role): Step {
  const step = ofRoles.get(role) ?? stepOf({ role, vars: [] })
  ofRoles.set(role, step)
  return step
}

function within({ viewpoint: { role, vars }, further }: Step, layer: Layer): Step {
  const step = further.get(layer) ?? stepOf({ role, vars: [...vars, layer] })
  further.set(layer, step)
  return step
}

function stepOf(viewpoint: Viewpoint): Step {
  return { viewpoint, further: new WeakMap() }
}
