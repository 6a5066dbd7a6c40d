import { joinScripts, sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import type { Facts } from './facts/fact-group.ts'
import { factGroups } from './facts/index.ts'
import { sections } from './parse/sections.ts'

declare module './definition/write.ts' {
  interface KindValues {
    facts: Facts
  }
}

const scripts = factGroups.flatMap((group) => Object.entries(group.read))
const headings = scripts.map(([heading]) => heading)

/** Prints a file of /proc or /etc in the shell itself, because a process would cost more. */
const show = sh`
  show() { if [ -r "$1" ]; then while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$1"; fi; }
`

const script = joinScripts([
  show,
  ...scripts.flatMap(([heading, script]) => [sh`echo ${`== ${heading}`}`, script]),
])

/** The facts of a host, which the groups of `facts/index.ts` define. */
export const facts = defineKind<'facts', Record<string, never>>({
  name: 'facts',
  subject: () => 'host',
  read: () => script,
  parse(output, questions) {
    const found = sections(output, headings)
    const values = factGroups.flatMap((group) => Object.entries(group.parse(found)))
    const answer = Object.fromEntries(values.filter(([, value]) => value !== undefined))
    return questions.map(() => answer)
  },
  dependsOn: {
    scopes: ['anything'],
    paths: () => ['/etc/os-release', '/etc/hostname', '/etc/hosts', '/etc/localtime'],
    kinds: { hostname: true, timezone: true },
  },
})
