import { createHash } from 'node:crypto'
import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { TaskFailure } from '../../src/errors.ts'
import { findSource, loadSource, wholeContent } from '../../src/playbook/source.ts'
import { Project } from './project.ts'

describe('The source of a task', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('is found in the first folder that contains it, in the subfolder of its kind or directly', () => {
    const { folder } = new Project({
      'role/templates/a': '',
      'role/b': '',
      'play/templates/a': '',
      'play/files/a': '',
      'project/templates/nginx/site.ejs': '',
    })
    const task = { searchPath: ['role', 'play', 'project'].map((one) => join(folder, one)) }
    const find = (kind: 'file' | 'template', name: string): string | undefined =>
      findSource(task, kind, name)?.replace(`${folder}/`, '')
    expect(find('template', 'a')).to.equal('role/templates/a')
    expect(find('file', 'a')).to.equal('play/files/a')
    expect(find('file', 'b')).to.equal('role/b')
    expect(find('template', 'nginx/site.ejs')).to.equal('project/templates/nginx/site.ejs')
    expect(find('template', 'none')).to.equal(undefined)
    expect(find('file', join(folder, 'role/b'))).to.equal('role/b')
  })

  it('is a file with its mode, read again after a change', () => {
    const project = new Project({ a: 'text' })
    const file = join(project.folder, 'a')
    chmodSync(file, 0o640)
    expect(loadSource(file)).to.deep.equal({
      type: 'file',
      path: file,
      content: Buffer.from('text'),
      mode: '0640',
    })
    expect(loadSource(file)).to.equal(loadSource(file))
    project.write('a', 'longer text')
    expect(loadSource(file)).to.have.property('content').that.deep.equals(Buffer.from('longer text'))
  })

  it('is a tree with modes and symlinks, in a stable order', () => {
    const project = new Project({ 'tree/b/c': 'c', 'tree/a': 'a' })
    const root = join(project.folder, 'tree')
    chmodSync(join(root, 'b'), 0o750)
    chmodSync(join(root, 'a'), 0o600)
    chmodSync(join(root, 'b/c'), 0o755)
    symlinkSync('b/nowhere', join(root, 'link'))
    expect(loadSource(root)).to.deep.equal({
      type: 'directory',
      path: root,
      entries: [
        { path: 'a', type: 'file', mode: '0600', content: Buffer.from('a') },
        { path: 'b', type: 'directory', mode: '0750' },
        { path: 'b/c', type: 'file', mode: '0755', content: Buffer.from('c') },
        { path: 'link', type: 'link', mode: '0777', target: 'b/nowhere' },
      ],
    })
  })

  it('describes a large file by its size and digest, and digests it again after a change', () => {
    const large = 'ä'.repeat(700_000)
    const project = new Project({ 'tree/a': large })
    const path = join(project.folder, 'tree/a')
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const content = { path, size: 1_400_000, sha256: sha256(large) }
    expect(loadSource(path)).to.have.property('content').that.deep.equals(content)
    expect(loadSource(join(project.folder, 'tree')))
      .to.have.nested.property('entries[0].content')
      .that.deep.equals(content)
    expect(wholeContent(content).toString()).to.equal(large)
    project.write('tree/a', `${large}!`)
    expect(loadSource(path)).to.have.nested.property('content.sha256', sha256(`${large}!`))
  })

  it('fails the task if it cannot be read', () => {
    expect(() => loadSource('/nowhere/at/all')).to.throw(TaskFailure, 'cannot read /nowhere/at/all')
  })
})
