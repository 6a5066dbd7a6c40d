import { createHash } from 'node:crypto'
import { build, type BuildOptions, type BuildResult, type Plugin } from 'esbuild'

export interface Bundle {
  /** The texts of the files, by their paths in `dist`. */
  readonly files: ReadonlyMap<string, string>
  /** The paths of the source files that are in the bundle. */
  readonly inputs: readonly string[]
}

type InMemory = BuildResult<{ write: false; metafile: true }>

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // src/cli/launch.ts compiles the bundle as a script, which can require modules of Node.js, but not import them.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
  logLevel: 'warning',
  write: false,
  metafile: true,
} satisfies BuildOptions

/** The command and the library share the bundle. Each is evaluated only when it is used. */
const entry = `
  export const runCommand = () => require('./src/cli/main.ts')
  export const library = () => require('./src/index.ts')
`

/** Parts of packages that Hostwright does not use, some of which take long to load, with their replacements. */
const unusedParts: readonly (readonly [RegExp, string])[] = [
  // zod's messages in every language
  [/\/zod\/v4\/locales\/index\.js$/, "export { default as en } from './en.js'"],
  // HTTP over SSH, the server, key generation, SFTP
  [/\/ssh2\/lib\/(http-agents|server|keygen|protocol\/SFTP)\.js$/, 'module.exports = {}'],
  // the width of characters that --help does not contain; it loads ICU's data
  [/\/string-width\/index\.js$/, 'export default (text) => text.length'],
]

const withoutUnusedParts: Plugin = {
  name: 'without unused parts',
  setup(build) {
    for (const [filter, contents] of unusedParts) build.onLoad({ filter }, () => ({ contents }))
    // ssh2 works without its native add-ons if loading them fails.
    const namespace = 'native add-on'
    build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace }))
    build.onLoad({ filter: /^/, namespace }, () => ({ contents: "throw new Error('not in the bundle')" }))
  },
}

/**
 * Bundles the command and the library into one file: loading hundreds of modules would take longer than a run that
 * changes nothing. It is no ES module, because Node.js takes longer to start those.
 */
export async function bundleProgram(): Promise<Bundle> {
  const launch = await build({ ...common, entryPoints: ['src/cli/launch.ts'] })
  const program = await build({
    ...common,
    stdin: { contents: entry, resolveDir: '.' },
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [withoutUnusedParts],
  })
  return {
    files: new Map([
      ['cli/launch.cjs', textOf(launch)],
      ['cli/command.cjs', withDigest(textOf(program))],
      ['index.js', await libraryModule()],
    ]),
    inputs: [launch, program].flatMap(inputsOf),
  }
}

/**
 * Returns the text of the ES module that exports what src/index.ts exports. It does not import the bundle: Node.js would
 * parse all of it for the names of its exports, which takes longer than loading it.
 */
async function libraryModule(): Promise<string> {
  const index = await build({ ...common, entryPoints: ['src/index.ts'], bundle: false, format: 'esm' })
  const names = Object.values(index.metafile.outputs).flatMap(({ exports }) => exports)
  return [
    "import { createRequire } from 'node:module'\n",
    "const { library } = createRequire(import.meta.url)('./cli/command.cjs')\n",
    `export const { ${names.join(', ')} } = library()\n`,
  ].join('\n')
}

function textOf({ outputFiles }: InMemory): string {
  return outputFiles.map(({ text }) => text).join('')
}

/** Returns the files of which the output contains code; esbuild also lists those it left out. */
function inputsOf({ metafile }: InMemory): string[] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))
}

/** Adds the digest that identifies the bundle in src/cli/cache/code-cache.ts. */
function withDigest(text: string): string {
  // src/cli/launch.ts reads the bundle as ASCII. esbuild does not escape regular expressions.
  if (!/^[\x00-\x7f]*$/.test(text)) throw new Error('the bundle is not ASCII')
  return `// sha256 ${createHash('sha256').update(text).digest('hex')}\n${text}`
}
