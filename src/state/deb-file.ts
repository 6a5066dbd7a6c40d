import { sh } from '../target/sh.ts'
import { defineKind } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'
import { lines } from './parse/sections.ts'

export interface DebFileQuestion {
  readonly path: string
}

/** A package in a file on the host, and what of it is installed. */
export interface DebFileValue {
  readonly exists: boolean
  readonly name?: string
  readonly version?: string
  readonly installedVersion?: string
}

export const debFile = defineKind<DebFileQuestion, DebFileValue>({
  name: 'deb-file',
  subject: ({ path }) => path,
  read: (questions) => sh`
    set -- ${questions.map(({ path }) => path)}
    for file; do
      echo "=="
      if [ -f "$file" ]; then
        dpkg-deb --field "$file" Package Version Architecture || exit
        name=$(dpkg-deb --field "$file" Package) architecture=$(dpkg-deb --field "$file" Architecture)
        [ "$architecture" = all ] || name=$name:$architecture
        dpkg-query -W -f='\${db:Status-Abbrev} \${Version}\\n' "$name" 2>/dev/null | sed -n 's/^.i. /Installed: /p' || :
      fi
    done
  `,
  parse(output, questions) {
    const blocks = output.split(/^==\n/m).slice(1)
    if (blocks.length !== questions.length)
      throw new Error(`${blocks.length} package files were read, not ${questions.length}`)
    return blocks.map((block) => {
      const fields = new Map(
        lines(block).map((line) => [line.replace(/:.*/, ''), line.replace(/^[^:]*: ?/, '')]),
      )
      const [name, version, installedVersion] = ['Package', 'Version', 'Installed'].map((field) =>
        fields.get(field),
      )
      if (name === undefined || version === undefined) return { exists: false }
      return { exists: true, name, version, ...(installedVersion === undefined ? {} : { installedVersion }) }
    })
  },
  touchedBy({ path }, write) {
    if (write.type === 'scope') return write.scope !== 'services'
    return write.kind === 'package' || writesPath(write, [path, '/var/lib/dpkg'])
  },
})
