import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

export interface DebFileQuestion {
  readonly path: string
}

/** A package in a file on the host, with its installed version. */
export interface DebFileValue {
  readonly exists: boolean
  readonly name?: string
  readonly version?: string
  readonly installedVersion?: string
}

declare module './definition/write.ts' {
  interface KindValues {
    'deb-file': DebFileValue
  }
}

export const debFile = defineKind<'deb-file', DebFileQuestion>({
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
  dependsOn: {
    scopes: ['packages', 'anything'],
    paths: ({ path }) => [path, '/var/lib/dpkg'],
    kinds: { package: true },
  },
})
