import { expect } from 'chai'

import { viewpointOf } from '../../../src/engine/host/viewpoint.ts'
import type { Role } from '../../../src/playbook/playbook.ts'
import type { Layer } from '../../../src/variables/layer.ts'

describe('the viewpoint of a task', () => {
  const layer = (): Layer => ({ origin: 'vars', values: new Map(), literal: true })
  const role = (name: string): Role => ({
    ...{ name, path: `/roles/${name}`, defaults: layer(), vars: layer(), params: layer() },
  })

  const placeOf = (role: Role | undefined, vars: readonly Layer[]) => ({
    ...(role === undefined ? {} : { role }),
    vars,
  })

  it('is the same object for all tasks with the same role and vars', () => {
    const [web, first, second] = [role('web'), layer(), layer()]
    for (const place of [
      { role: undefined, vars: [] },
      { role: undefined, vars: [first] },
      { role: undefined, vars: [first, second] },
      { role: web, vars: [] },
      { role: web, vars: [first, second] },
    ]) {
      const viewpoint = viewpointOf(placeOf(place.role, place.vars))
      expect(viewpoint).to.deep.equal(place)
      expect(viewpointOf(placeOf(place.role, [...place.vars]))).to.equal(viewpoint)
    }
  })

  it('differs with the role, with each layer of vars and with their order', () => {
    const [first, second] = [layer(), layer()]
    const viewpoints = [undefined, role('web'), role('db')].flatMap((own) =>
      [[], [first], [second], [first, second], [second, first]].map((vars) =>
        viewpointOf(placeOf(own, vars)),
      ),
    )
    expect(new Set(viewpoints).size).to.equal(15)
  })
})
