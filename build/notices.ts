import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names of files with the licenses of a package, or of the packages that are in its code. */
const licenseFile = /^(licen[cs]e|copying|notice|3rd-party-licenses)(\.(md|txt))?$/i
const foldersWithLicenses = ['', 'build']

/**
 * Returns the text of THIRD-PARTY-NOTICES: the licenses of the packages in a bundle. Throws if a package has none.
 * @param inputs the paths of the source files in the bundle
 */
export function thirdPartyNotices(inputs: readonly string[]): string {
  const folders = inputs.flatMap((path) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  // A version that is installed in several folders has one notice.
  const notices = new Set([...new Set(folders)].map(noticeOf).sort())
  return [
    'Hostwright contains code of the packages below. Each name is followed by the license of the package.\n',
    ...notices,
  ].join('\n')
}

function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    'name' | 'version',
    string
  >
  const texts = licenseFilesIn(folder).map((file) => readFileSync(file, 'utf8'))
  if (texts.length === 0) throw new Error(`${name}: no license file in ${folder}`)
  const line = '='.repeat(80)
  return [`${line}\n${name} ${version}\n${line}\n`, ...texts.map(tidy)].join('\n')
}

function licenseFilesIn(folder: string): string[] {
  return foldersWithLicenses
    .map((inside) => join(folder, inside))
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place)
        .filter((name) => licenseFile.test(name))
        .map((name) => join(place, name)),
    )
}

function tidy(text: string): string {
  return `${text.replaceAll(/[ \t\r]+$/gm, '').trim()}\n`
}
