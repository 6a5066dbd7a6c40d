import { expect } from 'chai'

import {
  absolutePath,
  booleanParam,
  destinationPath,
  integerParam,
  modeOrPreserveParam,
  nameParam,
  stringList,
  textParam,
} from '../../../src/modules/definition/parameters.ts'
import { describeIssue } from '../../../src/playbook/document/zod-messages.ts'

const cases = [
  [booleanParam, true, true],
  [booleanParam, 'yes', true],
  [booleanParam, 'Off', false],
  [booleanParam, 'FALSE', false],
  [booleanParam, 'maybe', undefined],
  [booleanParam, 1, undefined],
  [textParam, 8080, '8080'],
  [textParam, false, 'false'],
  [textParam, null, undefined],
  [nameParam, '', undefined],
  [integerParam, '-12', -12],
  [integerParam, 12, 12],
  [integerParam, '1.5', undefined],
  [integerParam, 'x', undefined],
  [stringList, 'a, b,', ['a', 'b']],
  [stringList, ['a,b', 1], ['a,b', '1']],
  [stringList, 7, ['7']],
  [absolutePath, '/etc//nginx/./conf.d/', '/etc/nginx/conf.d'],
  [absolutePath, '/', '/'],
  [absolutePath, '//', '/'],
  [absolutePath, '/a/.b/..c', '/a/.b/..c'],
  [absolutePath, 'etc', undefined],
  [absolutePath, '/a\0b', undefined],
  [destinationPath, '/etc//nginx//', '/etc/nginx/'],
  [destinationPath, '/etc/nginx', '/etc/nginx'],
  [destinationPath, '/', '/'],
  [modeOrPreserveParam, 'preserve', 'preserve'],
  [modeOrPreserveParam, 644, '0644'],
  [modeOrPreserveParam, 'presrve', undefined],
] as const

describe('the schemas of parameters', () => {
  for (const [schema, given, means] of cases)
    it(`${means === undefined ? 'rejects' : `reads ${JSON.stringify(means)} from`} ${JSON.stringify(given)}`, () => {
      const parsed = schema.safeParse(given)
      expect(parsed.success ? parsed.data : undefined).to.deep.equal(means)
    })

  it('reports an invalid mode as such if the schema also allows preserve', () => {
    const [issue] = modeOrPreserveParam.safeParse('rwx', { error: describeIssue }).error?.issues ?? []
    expect(issue?.message).to.match(/^invalid mode 'rwx'/)
  })
})
