import { readFileSync } from 'node:fs'

import { build } from 'esbuild'

// The command as one file: a run that changes nothing takes less time than loading its hundreds of modules one by one.
await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/cli/command.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  // native add-ons of ssh2, which does without them
  external: ['cpu-features', '*.node'],
  // what src/cli/launch.ts compiles can require, but not import, modules of Node.js
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
  logLevel: 'warning',
})

// src/cli/launch.ts reads it as such; a regular expression in the source is not escaped
if (!/^[\x00-\x7f]*$/.test(readFileSync('dist/cli/command.cjs', 'utf8')))
  throw new Error('the bundle is not ASCII')
