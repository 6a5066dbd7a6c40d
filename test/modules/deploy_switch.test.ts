import { once } from 'node:events'
import { mkdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'

import { deploySwitch } from '../../src/modules/deploy_switch.ts'
import { joinScripts, sh, type Script } from '../../src/target/sh.ts'
import { Application, scratchFolder } from './application.ts'
import { converge, settled, plan, shells, start } from './harness.ts'

describe('module deploy_switch', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
    application.release('a', { state: 'live', socket: '/run/php/shop-blue.sock' })
    application.release('b', { state: 'ready', socket: '/run/php/shop-green.sock' })
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      const switchTo = (id: string) =>
        converge(deploySwitch, { ...application.given, id, slots: 'blue,green' }, { shell })

      it('switches the symlink and writes it to the journal', async () => {
        expect((await switchTo('a')).changes).to.deep.equal([{ field: 'current', before: null, after: 'a' }])
        expect((await switchTo('b')).changes).to.deep.equal([{ field: 'current', before: 'a', after: 'b' }])
        expect(readlinkSync(application.at('current'))).to.equal('releases/b')
        expect(application.journal()).to.deep.equal([
          { event: 'switched', release: 'a', run: 'run-1', from: null },
          { event: 'switched', release: 'b', run: 'run-1', from: 'a' },
        ])
        expect((await switchTo('b')).changes).to.deep.equal([])
      })

      it('never leaves visitors without a release, in 100 switches', async () => {
        application.current('releases/a')
        const flips = Array.from({ length: 50 }, () => [script('b'), script('a')]).flat()
        const { reads, misses } = await readMeanwhile(joinScripts(flips), shell)
        expect(application.journal()).to.have.length(100)
        expect(reads).to.be.above(1000)
        expect(misses).to.equal(0)
      })

      it('changes nothing unless the run holds the lock', async () => {
        application.current('releases/a').lock('another')
        expect(await settled(() => switchTo('b'))).to.throw('this run does not hold the deploy lock')
        expect(readlinkSync(application.at('current'))).to.equal('releases/a')
      })

      it('replaces a dangling symlink', async () => {
        application.current('releases/gone')
        expect((await switchTo('b')).changes).to.deep.equal([{ field: 'current', before: null, after: 'b' }])
      })
    })

  it('is tested by a reader that notices a switch in two steps', async () => {
    application.current('releases/a')
    const inTwo = sh`
      cd ${application.root} || exit
      rm current
      ln -s releases/a current
    `
    const { misses } = await readMeanwhile(joinScripts(Array.from({ length: 100 }, () => inTwo)), 'dash')
    expect(misses).to.be.above(0)
  })

  it('reports how long the switch took, if the host can measure it', async () => {
    const milliseconds = (stdout: string) =>
      deploySwitch.result?.({
        params: deploySwitch.params.parse({ ...application.given, id: 'b' }),
        state: {},
        changes: [],
        outputs: [{ code: 0, stdout, stderr: '' }],
      })
    expect(milliseconds('switched in 2500000 ns\n')).to.deep.equal({
      id: 'b',
      milliseconds: 2.5,
      msg: 'switched in 2.5 ms',
    })
    expect(milliseconds('')).to.deep.equal({ id: 'b' })
    const { result } = await converge(deploySwitch, { ...application.given, id: 'b' })
    expect(result['milliseconds']).to.be.above(0)
    expect(
      (await converge(deploySwitch, { ...application.given, id: 'a' }, { shell: 'busybox' })).result,
    ).to.deep.equal({
      id: 'a',
    })
  })

  it('declares the effect on visitors', () => {
    const [first] = plan(deploySwitch, { ...application.given, id: 'b', slots: ['blue', 'green'] }).steps
    expect(first?.effect).to.contain('switches visitors from nothing to b, PHP-FPM none → green: one rename')
    application.current('releases/a')
    const [step] = plan(deploySwitch, { ...application.given, id: 'b', slots: ['blue', 'green'] }).steps
    expect(step?.effect).to.equal(
      'switches visitors from a to b, PHP-FPM blue → green: one rename, Nginx is not reloaded, no request is cut',
    )
    const [single] = plan(deploySwitch, { ...application.given, id: 'b' }).steps
    expect(single?.effect).to.contain('switches visitors from a to b: one rename')
  })

  it('does not replace a directory', async () => {
    mkdirSync(application.at('current'))
    expect(() => plan(deploySwitch, { ...application.given, id: 'b' })).to.throw(
      `${application.root}/current is not a symlink to a release in ${application.root}/releases`,
    )
    expect(await settled(() => converge(deploySwitch, { ...application.given, id: 'b' }))).to.throw(
      'not a symlink',
    )
    expect(statSync(application.at('current')).isDirectory()).to.equal(true)
  })

  it('fails if a directory appears at the last moment', async () => {
    const late = script('b')
    mkdirSync(application.at('current'))
    expect((await start(late).ended).code).not.to.equal(0)
    expect(statSync(application.at('current')).isDirectory()).to.equal(true)
  })

  it('fails if the release does not exist', () => {
    expect(() => plan(deploySwitch, { ...application.given, id: 'c' })).to.throw(
      `there is no release c in ${application.root}/releases`,
    )
  })

  function script(id: string): Script {
    const params = deploySwitch.params.parse({ ...application.given, id })
    const [step] = deploySwitch.apply([], params, { deployment: application.read() } as never)
    return step!.script
  }

  /** Reads the live release repeatedly while a script runs. */
  async function readMeanwhile(work: Script, shell: 'dash' | 'busybox') {
    const shared = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(reader, {
      eval: true,
      workerData: { shared, file: application.at('current', 'release.json') },
    })
    await once(worker, 'message')
    const { code, stderr } = await start(work, shell).ended
    Atomics.store(shared, 0, 1)
    const [counts] = (await once(worker, 'message')) as [{ reads: number; misses: number }]
    expect(code, stderr).to.equal(0)
    return counts
  }
})

const reader = `
  const { existsSync } = require('node:fs')
  const { parentPort, workerData: { shared, file } } = require('node:worker_threads')
  let [reads, misses] = [0, 0]
  parentPort.postMessage('ready')
  while (Atomics.load(shared, 0) === 0) {
    reads += 1
    if (!existsSync(file)) misses += 1
  }
  parentPort.postMessage({ reads, misses })
`
