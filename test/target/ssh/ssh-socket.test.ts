import { expect } from 'chai'

import { describeSocketError } from '../../../src/target/ssh/ssh-socket.ts'

describe('describeSocketError', () => {
  const cases: [code: string, problem: string, message: string][] = [
    ['ENOTFOUND', 'address', 'web1: cannot resolve web1.internal'],
    ['EAI_AGAIN', 'address', 'web1: cannot resolve web1.internal'],
    ['ECONNREFUSED', 'refused', 'web1: nothing listens on web1.internal port 22'],
    ['EHOSTUNREACH', 'address', 'web1: no route to web1.internal'],
    ['ENETUNREACH', 'address', 'web1: no route to web1.internal'],
    ['ETIMEDOUT', 'timeout', 'web1: web1.internal port 22 does not answer'],
    ['EACCES', 'refused', 'web1: could not connect to web1.internal port 22: permission denied'],
  ]
  for (const [code, problem, message] of cases)
    it(`explains ${code}`, () => {
      const cause = Object.assign(new Error('permission denied'), { code })
      const error = describeSocketError('web1', 'web1.internal', 22, cause)
      expect(error).to.include({ problem, message, cause })
    })
})
