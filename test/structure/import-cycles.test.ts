import { expect } from 'chai'

import { importCycles, importGraph } from './import-graph.ts'

/** Tasks include files and roles, which contain tasks: the grammar itself is recursive. */
const grammar = [
  'playbook/read/handlers.ts',
  'playbook/read/import.ts',
  'playbook/read/include.ts',
  'playbook/read/role-reference.ts',
  'playbook/read/role.ts',
  'playbook/read/task-file.ts',
  'playbook/read/tasks.ts',
]

describe('the import graph of src', () => {
  it('has no cycle but the recursion of the playbook grammar', () => {
    expect(importCycles(importGraph())).to.deep.equal([grammar])
  })
})

describe('the search for import cycles', () => {
  it('finds files that import each other through a third one', () => {
    const graph = new Map([
      ['a', ['b', 'leaf']],
      ['b', ['c']],
      ['c', ['a']],
      ['leaf', []],
      ['user', ['a', 'c']],
    ])
    expect(importCycles(graph)).to.deep.equal([['a', 'b', 'c']])
  })

  it('finds two cycles that share a file as one, and keeps separate ones apart', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['a']],
      ['c', ['a']],
      ['x', ['y', 'a']],
      ['y', ['x']],
    ])
    expect(importCycles(graph)).to.deep.equal([
      ['a', 'b', 'c'],
      ['x', 'y'],
    ])
  })

  it('finds none where files only share an import', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ])
    expect(importCycles(graph)).to.deep.equal([])
  })
})
