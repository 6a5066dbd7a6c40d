import { expect } from 'chai'
import { join } from 'node:path'

import { loadInventory } from '../../src/inventory/load-inventory.ts'
import { folderWith } from './inventory-folder.ts'

describe('the format of an inventory file', () => {
  const yaml = 'web: { hosts: { web1: } }\n'
  const ini = '[web]\nweb1\n'
  const files: readonly [name: string, content: string][] = [
    ['hosts.yml', yaml],
    ['hosts.yaml', yaml],
    ['hosts.json', '{ "web": { "hosts": { "web1": {} } } }'],
    ['hosts.ini', ini],
    ['hosts', ini],
    ['hosts.example.com', ini],
    ['hosts.constructor', ini],
  ]
  for (const [name, content] of files)
    it(`follows from the extension: ${name}`, () => {
      const { path, remove } = folderWith({ [name]: content })
      try {
        const { groups } = loadInventory([join(path, name)])
        expect(groups.get('web')).to.deep.equal(['web1'])
      } finally {
        remove()
      }
    })
})
