import { dirname, join, relative, sep } from 'node:path'
import tseslint from 'typescript-eslint'

/**
 * The import table. For each folder of src: the other folders that it may import, the packages that only it may import
 * and, for each of its subfolders ("parts"), the other parts that it may import. A part must not import files directly
 * in the folder, except those in `shared`. Only the files in `importers` may import a part that is listed there. Every
 * file may import the files directly in src.
 */
const folders = {
  text: { imports: [], packages: ['fastest-levenshtein', 'semver'] },
  yaml: { imports: [], packages: ['yaml'] },
  target: {
    imports: ['text'],
    packages: ['ssh2', 'p-retry'],
    parts: { ssh: [], shell: [] },
    shared: ['host-time.ts', 'lost-connection.ts', 'pipes.ts', 'settings.ts', 'sh.ts', 'target.ts'],
  },
  state: {
    imports: ['target', 'text'],
    packages: [],
    parts: {
      definition: [],
      parse: [],
      account: [],
      deployment: ['definition', 'parse'],
      facts: [],
      http: ['parse'],
      mysql: ['parse'],
      package: [],
      path: ['definition', 'parse'],
      unit: ['definition'],
    },
  },
  modules: {
    imports: ['state', 'target', 'text'],
    packages: ['zod'],
    parts: {
      definition: [],
      placement: ['definition'],
      apt: ['definition'],
      command: ['definition'],
      cron: ['definition'],
      deploy: ['definition'],
      file: ['definition', 'placement'],
      mysql: ['definition'],
      service: ['definition'],
      text: ['definition', 'placement'],
      uri: ['definition', 'command'],
      user: ['definition'],
      wait: [],
    },
  },
  variables: {
    imports: ['text', 'yaml'],
    packages: ['ejs', 'acorn', 'acorn-walk'],
    parts: { evaluation: [], ejs: ['evaluation'], secrets: ['evaluation'] },
    shared: ['dialect.ts', 'layer.ts', 'lazy-mapping.ts', 'not-known.ts', 'omit.ts', 'plain.ts'],
    importers: { ejs: ['dialects.ts'] },
  },
  inventory: { imports: ['target', 'text', 'variables', 'yaml'], packages: [] },
  playbook: {
    imports: ['modules', 'text', 'variables', 'yaml'],
    packages: ['zod'],
    parts: {
      document: [],
      keywords: ['document'],
      params: ['document', 'keywords'],
      select: [],
      check: ['document', 'params', 'select'],
      read: ['document', 'keywords', 'params', 'check'],
    },
    shared: ['playbook.ts', 'source.ts'],
  },
  engine: {
    imports: ['inventory', 'modules', 'playbook', 'state', 'target', 'text', 'variables'],
    packages: ['p-limit'],
    parts: {
      machine: [],
      converge: ['machine'],
      host: ['machine'],
      task: ['converge', 'host', 'machine'],
      play: ['task', 'converge', 'host', 'machine'],
    },
    shared: ['event.ts'],
  },
  run: {
    imports: ['engine', 'inventory', 'playbook', 'sandbox', 'state', 'target', 'text', 'variables'],
    packages: [],
  },
  deploy: {
    imports: ['engine', 'modules', 'run', 'target', 'text', 'variables'],
    packages: ['zod', 'zx'],
    parts: { repository: [], watch: ['repository'], push: ['repository', 'watch'] },
    shared: ['reference.ts', 'release-id.ts', 'state-folder.ts'],
  },
  reference: { imports: ['modules', 'playbook', 'text', 'variables'], packages: ['zod'] },
  report: { imports: ['engine', 'modules'], packages: ['diff'] },
  sandbox: {
    imports: ['inventory', 'target'],
    packages: ['zx'],
    parts: { network: [], machine: ['network'], image: ['machine'] },
    shared: ['apt-sources.ts', 'debian-release.ts', 'down.ts', 'machines-folder.ts', 'run-command.ts'],
  },
  cli: {
    imports: [
      'deploy',
      'engine',
      'modules',
      'playbook',
      'reference',
      'report',
      'run',
      'sandbox',
      'target',
      'text',
      'variables',
      'yaml',
    ],
    packages: ['p-limit', 'yargs'],
    parts: { breakdown: [], cache: [], options: [], commands: ['options'] },
    shared: [
      'command-names.ts',
      'interruption.ts',
      'ping-hosts.ts',
      'print-reference.ts',
      'run-in-terminal.ts',
      'run-playbook.ts',
      'terminal.ts',
      'watch-tags.ts',
    ],
  },
}

const everyPackage = [...new Set(Object.values(folders).flatMap(({ packages }) => packages))]
const source = join(import.meta.dirname, 'src')

/** Reports each import that the table does not allow. */
const importTable = {
  create(context) {
    const [folder, ...rest] = relative(source, context.filename).split(sep)
    const part = rest.length > 1 ? rest[0] : undefined
    const { imports, packages, parts = {}, shared = [] } = folders[folder] ?? {}

    function problemOf(imported) {
      if (!imported.startsWith('.')) {
        const [name] = imported.split('/')
        return everyPackage.includes(name) && !packages?.includes(name)
          ? `src/${folder} must not import the package ${name}`
          : undefined
      }
      const [otherFolder, ...inside] = relative(source, join(dirname(context.filename), imported)).split(sep)
      if (inside.length === 0) return undefined
      const importers = folders[otherFolder]?.importers?.[inside[0]]
      const isInside = otherFolder === folder && part === inside[0]
      const isImporter = otherFolder === folder && part === undefined && importers?.includes(rest[0])
      if (importers !== undefined && !isInside && !isImporter)
        return `only ${importers.join(' and ')} may import src/${otherFolder}/${inside[0]}`
      if (otherFolder !== folder)
        return imports?.includes(otherFolder) ? undefined : `src/${folder} must not import src/${otherFolder}`
      if (part === undefined || inside[0] === part) return undefined
      const allowed = inside.length > 1 ? parts[part] : shared
      return allowed?.includes(inside[0]) ? undefined : `src/${folder}/${part} must not import ${inside[0]}`
    }

    function check({ source }) {
      const problem = typeof source?.value === 'string' ? problemOf(source.value) : undefined
      if (problem !== undefined) context.report({ node: source, message: `${problem}: see eslint.config.js` })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    }
  },
}

const ending = { object: 'process', property: 'exit', message: 'only src/cli/main.ts may end the process' }

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'eslint.config.js'] },
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
  {
    files: Object.keys(folders).map((folder) => `src/${folder}/**/*.ts`),
    plugins: { hostwright: { rules: { 'import-table': importTable } } },
    rules: { 'hostwright/import-table': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ending,
        ...['stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'print with a Printer of the terminal',
        })),
      ],
    },
  },
  { files: ['src/cli/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  // the example in the README uses console.log
  { files: ['test/docs/library-example.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // chai's assertions are expressions such as expect(x).to.be.empty
      '@typescript-eslint/no-unused-expressions': 'off',
      // a test may assert that a value exists
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
