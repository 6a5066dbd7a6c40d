import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { nameServers, packageServers } from '../../../src/sandbox/network/service.ts'

describe('nameServers', () => {
  it('returns the name servers with an IPv4 address', () => {
    const resolvConf =
      '# nameserver 192.0.2.1\nnameserver 10.0.0.53\nnameserver fd00::53\noptions edns0\nnameserver\t192.0.2.53 \n'
    expect(nameServers(resolvConf)).to.deep.equal([
      { address: '10.0.0.53', port: 53 },
      { address: '192.0.2.53', port: 53 },
    ])
  })
})

describe('packageServers', () => {
  let image: string

  beforeEach(async () => {
    image = await mkdtemp(join(tmpdir(), 'hostwright-image-'))
    await mkdir(join(image, 'etc/apt/sources.list.d'), { recursive: true })
    await mkdir(join(image, 'etc/apt/apt.conf.d'))
  })
  afterEach(async () => {
    await rm(image, { recursive: true })
  })

  it('returns the archives and the proxies of an image with their ports', async () => {
    const sources = 'URIs: http://192.168.7.1/debian\nURIs: https://192.168.7.2:8443/debian-security\n'
    await writeFile(join(image, 'etc/apt/sources.list.d/debian.sources'), sources)
    const settings = 'Acquire::http::Proxy "http://10.1.1.1:3142/";\nAcquire::https::Proxy "DIRECT";\n'
    await writeFile(join(image, 'etc/apt/apt.conf.d/99mmdebstrap'), settings)
    expect(await packageServers(image)).to.deep.equal([
      { address: '192.168.7.1', port: 80 },
      { address: '192.168.7.2', port: 8443 },
      { address: '10.1.1.1', port: 3142 },
    ])
  })

  it('resolves names, and ignores a name that does not exist', async () => {
    const sources = 'URIs: http://localhost:8080/debian\nURIs: http://nowhere.invalid/debian\n'
    await writeFile(join(image, 'etc/apt/sources.list.d/debian.sources'), sources)
    expect(await packageServers(image)).to.deep.include({ address: '127.0.0.1', port: 8080 })
  })
})
