import tseslint from 'typescript-eslint'

/** Which folders of src each folder may import, and which packages live only there. */
const folders = {
  yaml: { imports: [], packages: ['yaml'] },
  target: { imports: [], packages: ['ssh2', 'p-retry'] },
  state: { imports: ['target'], packages: [] },
  modules: { imports: ['state', 'target'], packages: ['semver', 'zod'] },
  variables: { imports: ['yaml'], packages: ['ejs', 'acorn', 'acorn-walk'] },
  inventory: { imports: ['yaml', 'variables', 'target'], packages: [] },
  playbook: { imports: ['yaml', 'modules', 'variables'], packages: ['zod'] },
  engine: {
    imports: ['playbook', 'inventory', 'modules', 'state', 'variables', 'target'],
    packages: ['p-limit'],
    // a part may import the files of those named here, and event.ts
    parts: {
      machine: [],
      converge: ['machine'],
      host: ['machine'],
      task: ['converge', 'host', 'machine'],
      play: ['task', 'converge', 'host', 'machine'],
    },
  },
  deploy: { imports: ['modules', 'target', 'variables'], packages: ['zod', 'zx'] },
  report: { imports: ['engine', 'modules'], packages: ['diff'] },
  sandbox: { imports: ['target', 'inventory'], packages: ['zx'] },
}

const everyPackage = [...new Set(Object.values(folders).flatMap((folder) => folder.packages)), 'yargs']

function layers(name, folder) {
  const parts = Object.entries(folder.parts ?? {})
  return [
    layer(name, folder),
    // what a later entry says of a rule replaces what an earlier one said
    ...parts.map(([part, others]) => layer(name, folder, part, others)),
  ]
}

function layer(name, { imports, packages }, part, others = []) {
  const siblings = [...Object.keys(folders), 'cli'].filter(
    (other) => other !== name && !imports.includes(other),
  )
  return {
    files: [part === undefined ? `src/${name}/**/*.ts` : `src/${name}/${part}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: everyPackage
            .filter((other) => !packages.includes(other))
            .map((other) => ({ name: other, message: `src/${name} does not use this package` })),
          patterns: [
            {
              regex: `/(${siblings.join('|')})/`,
              message: `src/${name} may import only errors${imports.map((other) => `, ${other}`).join('')}`,
            },
            ...(part === undefined
              ? []
              : [
                  {
                    regex: `^\\.\\./(?!(${['\\.\\.', ...others].join('|')})/|event\\.ts$)|/${name}/`,
                    message: `src/${name}/${part} may import only event${others.map((other) => `, ${other}`).join('')} of src/${name}`,
                  },
                ]),
          ],
        },
      ],
    },
  }
}

const ending = { object: 'process', property: 'exit', message: 'only src/cli/main.ts ends the process' }

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'eslint.config.js', 'esbuild.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      'no-console': 'error',
      'no-restricted-properties': ['error', ending],
    },
  },
  ...Object.entries(folders).flatMap(([name, folder]) => layers(name, folder)),
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ending,
        ...['stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'a Printer of the terminal writes to people',
        })),
      ],
    },
  },
  { files: ['src/cli/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // chai's assertions are property reads
      '@typescript-eslint/no-unused-expressions': 'off',
      // a test may say what it knows to be there
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
