import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

import { findBanned, findBannedWords } from './english/banned.ts'
import { codePassages } from './english/code-passages.ts'
import { blank, type Passage } from './english/passage.ts'
import { textPassages } from './english/text-passages.ts'

interface Quotation {
  readonly file: string
  readonly text: string | RegExp
  readonly reason: string
}

const quotations: readonly Quotation[] = [
  {
    file: 'CONTRIBUTING.md',
    text: /^## Write plain English$.*?(?=^## )/ms,
    reason: 'the rules quote what they ban',
  },
]

const files = [
  ...readdirSync('.').filter((name) => /\.(?:md|[jt]s)$/.test(name)),
  ...['build', 'docs', 'inventory', 'playbooks', 'src', 'templates', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
      .map(({ parentPath, name }) => `${parentPath}/${name}`),
  ),
]

describe('the English of the project', () => {
  it('avoids the words and constructions that CONTRIBUTING.md bans', () => {
    const findings = files.flatMap((file) => report(file, readFileSync(file, 'utf8')))
    if (findings.length > 0) expect.fail(`${findings.length} findings:\n${findings.join('\n')}`)
  })

  it('has every quotation that may contain them', () => {
    for (const { file, text } of quotations) expect(readFileSync(file, 'utf8')).to.match(new RegExp(text))
  })
})

describe('the check of English', () => {
  const bad: readonly (readonly [word: string, sentence: string])[] = [
    ['nobody', "Output before the marker is nobody's."],
    ['somebody', 'is renewed until somebody takes it over'],
    ['Whoever', 'Whoever saw the tag somewhere saw just that commit.'],
    ['anew', 'begins anew after one wrong answer'],
    ['nevertheless', 'a run has the handlers of this role nevertheless'],
    ['shall', 'a file that shall be in it'],
    ['by itself', 'The load ends by itself.'],
    ['comes to', 'the rights that it comes to'],
    ['goes on', 'the session goes on'],
    ['broke off', 'A deploy that broke off leaves a slot.'],
    ['in force', 'until the change is in force'],
    ['at hand', 'with the machine at hand'],
    ['of ours', 'the tasks of ours'],
    ['is told', 'waits until it is told to stop'],
    ['from 1 on', '--forks takes a number from 1 on'],
    ['from its step on', 'is held from its step on, and released'],
    ['What', 'What every command that works on deployed applications takes.'],
    ['what', 'what is known of a host'],
    ['Whether', 'Returns a unit. Whether it is masked is unknown.'],
    ['Who', 'The first one. Who else decides what is there.'],
    ['Where', 'Where the kernel has none, the command warns.'],
  ]
  for (const [word, sentence] of bad)
    it(`finds '${word}' in: ${sentence}`, () => {
      expect(findBanned(sentence).map((finding) => finding.word)).to.deep.equal([word])
    })

  const good = [
    'Returns what every command takes, and whether it is masked.',
    'The first one: it says who holds the lock.',
    'continues on the other hosts when one becomes unreachable',
    'Masks a secret from now on.',
    'A marshalled value, a whole number, an offshore server.',
    'Reads the file from the disk that the host depends on later.',
    'Who may connect?',
    'what changed',
    'A lock that another run holds. It is renewed.',
  ]
  for (const sentence of good)
    it(`accepts: ${sentence}`, () => {
      expect(findBanned(sentence)).to.deep.equal([])
    })

  const code = `
/** Returns it,
 * nobody knows. */
const pattern = /shall "x/ // it goes
// on
const error = \`\${name} is told
  to \${stop('by itself it stops')}\`
const names = ['nobody', 'https://somebody.example']
it(\`what \${x} does to it\`, () => say('whoever comes'))
// the user \`nobody\` owns it
`
  it('reads the comments and strings of the source', () => {
    expect(report('src/x.ts', code)).to.have.members([
      'src/x.ts:3: nobody: Returns it, nobody knows.',
      'src/x.ts:4: goes on: it goes on',
      'src/x.ts:6: is told: … is told to …',
      'src/x.ts:7: by itself: by itself it stops',
      'src/x.ts:9: what: what … does to it',
      'src/x.ts:9: whoever: whoever comes',
    ])
  })

  it('reads the comments and titles of tests, but not their data', () => {
    expect(report('test/x.test.ts', code)).to.have.members([
      'test/x.test.ts:3: nobody: Returns it, nobody knows.',
      'test/x.test.ts:4: goes on: it goes on',
      'test/x.test.ts:9: what: what … does to it',
    ])
  })

  it('reads the comments, names and messages of playbooks and templates', () => {
    const playbook =
      '# What is done first:\n- name: Who may enter here\n  command: x # a run\n  msg: nobody is there\n'
    expect(report('playbooks/x.yml', playbook)).to.have.members([
      'playbooks/x.yml:1: What: What is done first:',
      'playbooks/x.yml:2: Who: Who may enter here',
      'playbooks/x.yml:4: nobody: nobody is there',
    ])
    const template = '; Whether it is on is read.\nnumber = 1\n<%# Where it is, it stays. %>\n'
    expect(report('templates/x.ejs', template)).to.have.members([
      'templates/x.ejs:1: Whether: Whether it is on is read.',
      'templates/x.ejs:3: Where: Where it is, it stays.',
    ])
  })

  it('reads the headings, cells and code blocks of Markdown', () => {
    const page =
      '# What it does here\n\n| a | where it is now |\n\n- Who may read it.\n\n```sh\nWhat it shall\n```\n'
    expect(report('docs/x.md', page)).to.have.members([
      'docs/x.md:1: What: What it does here',
      'docs/x.md:3: where: where it is now',
      'docs/x.md:5: Who: Who may read it.',
      'docs/x.md:8: shall: What it shall',
    ])
  })
})

/** Returns a line for each finding in a file. */
function report(file: string, text: string): string[] {
  const own = quotations
    .filter((quotation) => quotation.file === file)
    .reduce((rest, quotation) => rest.replace(quotation.text, blank), text)
  const lines = passagesOf(file, own).flatMap((passage) =>
    (passage.hasSentences ? findBanned(passage.text) : findBannedWords(passage.text)).map(
      ({ word, sentence, offset }) => {
        const line = own.slice(0, passage.offset + offset).split('\n').length
        return `${file}:${line}: ${word}: ${sentence.replaceAll(/…+/g, '…')}`
      },
    ),
  )
  return [...new Set(lines)]
}

function passagesOf(file: string, text: string): Passage[] {
  if (/\.[jt]s$/.test(file)) return codePassages(text, file.startsWith('test/') ? 'titles' : 'all')
  return textPassages(file, text)
}
