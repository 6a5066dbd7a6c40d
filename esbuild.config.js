import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

import { build } from 'esbuild'

// The command as one file: a run that changes nothing takes less time than loading its hundreds of modules one by one.
// What launches it is no ES module either, which Node.js takes longer to begin with.
const options = {
  outdir: 'dist/cli',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // what src/cli/launch.ts compiles can require, but not import, modules of Node.js
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  logLevel: 'warning',
}
/** Parts of packages that no command uses, of which some take long to load, and what each is replaced by. */
const unused = [
  // the messages of zod in every language
  [/\/zod\/v4\/locales\/index\.js$/, "export { default as en } from './en.js'"],
  // HTTP over SSH, the server, making keys, SFTP
  [/\/ssh2\/lib\/(http-agents|server|keygen|protocol\/SFTP)\.js$/, 'module.exports = {}'],
  // the width of characters that --help does not have, for which ICU's data are loaded
  [/\/string-width\/index\.js$/, 'export default (text) => text.length'],
]
const withoutUnusedParts = {
  name: 'without unused parts',
  setup(build) {
    for (const [filter, contents] of unused) build.onLoad({ filter }, () => ({ contents }))
    // native add-ons of ssh2, which does without them where they cannot be loaded
    const namespace = 'native add-on'
    build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace }))
    build.onLoad({ filter: /^/, namespace }, () => ({
      contents: "throw new Error('not a part of the bundle')",
    }))
  },
}
const banner = { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" }

await build({ ...options, entryPoints: { launch: 'src/cli/launch.ts' }, banner })
await build({
  ...options,
  entryPoints: { command: 'src/cli/main.ts' },
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [withoutUnusedParts],
  banner,
})

// src/cli/launch.ts reads it as such; a regular expression in the source is not escaped
const bundle = readFileSync('dist/cli/command.cjs', 'utf8')
if (!/^[\x00-\x7f]*$/.test(bundle)) throw new Error('the bundle is not ASCII')
// what src/cli/cache/code-cache.ts knows it by
const digest = createHash('sha256').update(bundle).digest('hex')
writeFileSync('dist/cli/command.cjs', `// sha256 ${digest}\n${bundle}`)
