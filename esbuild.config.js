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
  // native add-ons of ssh2, which does without them
  external: ['cpu-features', '*.node'],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
  logLevel: 'warning',
})
