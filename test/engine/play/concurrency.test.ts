import { expect } from 'chai'

import { allOf } from '../../../src/engine/play/concurrency.ts'

describe('allOf', () => {
  const later = (error?: string): Promise<void> =>
    new Promise((resolve, reject) => {
      setImmediate(() => {
        if (error === undefined) resolve()
        else reject(new Error(error))
      })
    })

  it('waits for all promises even if one is rejected early', async () => {
    let isDone = false
    const slow = later().then(() => {
      isDone = true
    })
    const failure = await allOf([Promise.reject(new Error('early')), slow]).catch(String)
    expect(failure).to.equal('Error: early')
    expect(isDone).to.equal(true)
  })

  it('throws the first of several errors in the order of the promises', async () => {
    const failure = await allOf([later(), later('one'), Promise.reject(new Error('two'))]).catch(String)
    expect(failure).to.equal('Error: one')
  })

  it('returns after all promises are fulfilled', async () => {
    const done: number[] = []
    const work = async (number: number): Promise<void> => {
      await later()
      done.push(number)
    }
    await allOf([work(1), work(2)])
    await allOf([])
    expect(done).to.deep.equal([1, 2])
  })
})
