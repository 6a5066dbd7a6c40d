import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { stringify } from 'yaml'

import { nodesOf, outlineOf } from '../../src/yaml/outline.ts'
import { parsedNodes } from '../../src/yaml/parse.ts'

/** Parses a text, and creates its nodes from its outline. Returns undefined if it has no outline. */
function both(text: string): { parsed: unknown; outlined: unknown } | undefined {
  const parsed = parsedNodes(text, 'site.yml')
  const outline = outlineOf(parsed, text)
  return outline && { parsed: plain(parsed), outlined: plain(nodesOf(outline, text)) }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('the outline of a YAML text', () => {
  const texts = [
    'name: Install Nginx\napt: { name: nginx, state: present }\n',
    '- \'it\'\'s\'\n- "say \\"no\\""\n',
    '- "one\\n two\\n"\n- "three\n\n  four\\n"\n',
    'script: |\n  set -eu\n    indented\n\n  end\n',
    'text: >-\n  one line\n  of several\n\n  and another\n',
    'plain: one\n  two\nempty:\n? complex\n: value\n',
    'token: !secret { env: TOKEN }\n',
    '# a comment\n',
    '',
    'größe: "ünï 💾"\r\nnext: 1\r\n',
  ]
  for (const text of texts)
    it(`has the same nodes as the parser returns for ${JSON.stringify(text)}`, () => {
      const nodes = both(text)
      expect(nodes).to.not.equal(undefined)
      expect(nodes?.outlined).to.deep.equal(nodes?.parsed)
    })

  it('has the same nodes for every playbook of the project', () => {
    const folders = ['playbooks', 'inventory'].map((name) => join(import.meta.dirname, '../..', name))
    const files = folders
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
      )
      .filter((file) => file.endsWith('.yml'))
    expect(files).to.have.length.above(40)
    for (const file of files) {
      const nodes = both(readFileSync(file, 'utf8'))
      expect(nodes, file).to.not.equal(undefined)
      expect(nodes?.outlined, file).to.deep.equal(nodes?.parsed)
    }
  })

  it('has the same nodes for any text with an outline', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const spelled = fc.record({
      value,
      indent: fc.integer({ min: 1, max: 4 }),
      width: fc.constantFrom(0, 20),
    })
    fc.assert(
      fc.property(spelled, ({ value, indent, width }) => {
        const nodes = both(stringify(value, { indent, lineWidth: width, aliasDuplicateObjects: false }))
        expect(nodes?.outlined).to.deep.equal(nodes?.parsed)
      }),
    )
  })

  for (const [part, text] of [
    ['the text of a secret', 'password: !secret hunter2\n'],
    ['an anchor', 'one: &a 1\ntwo: *a\n'],
    ['another tag', 'one: !!str 1\n'],
    ['an escape that stands for another character', 'one: "a\\tb"\n'],
  ] as const)
    it(`does not exist for a text with ${part}`, () => {
      expect(both(text)).to.equal(undefined)
    })
})
