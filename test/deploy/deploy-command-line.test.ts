import { expect } from 'chai'

import { tagDeploy } from '../../src/deploy/deploy-command-line.ts'

describe('the command line that deploys a tag', () => {
  const optionsOf = (...options: readonly string[]): string[] => {
    const words = tagDeploy('v1', options)
    return words.slice(words.indexOf('deploy'))
  }
  const what = ['deploy', '--tag=v1', '--only-newer']

  it('waits for the lock and never replaces a later version', () => {
    expect(optionsOf('-i', 'production.yml')).to.deep.equal([
      ...what,
      ...['--lock-wait', '900', '-i', 'production.yml'],
    ])
  })

  it('waits for the lock as long as the options say', () => {
    for (const options of [['--lock-wait', '60'], ['--lock-wait=60'], ['--lockWait', '60']])
      expect(optionsOf(...options)).to.deep.equal([...what, ...options])
  })
})
