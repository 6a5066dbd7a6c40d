import { argv, stdout } from 'node:process'

import { DigestCache } from '../../../src/cli/cache/digest-cache.ts'
import { jsonFormat } from '../../../src/cli/cache/json-format.ts'
import { PrivateFile } from '../../../src/cli/cache/private-file.ts'
import { rememberResults } from '../../../src/remembered.ts'
import { projectDialect } from '../../../src/variables/dialects.ts'
import { Scope } from '../../../src/variables/scope.ts'

/** Evaluates strings with a cache of this folder and origin. Prints their values and how many results the cache had. */
const [, , folder = '', origin = '', ...texts] = argv
const cache = new DigestCache(new PrivateFile(folder, 'results', origin), jsonFormat)
let known = 0
rememberResults({
  get: (digest) => {
    const result = cache.get(digest)
    if (result !== undefined) known += 1
    return result
  },
  add: (digest, result) => {
    cache.add(digest, result)
  },
})

const values = new Map<string, unknown>([
  ['port', 8080],
  ['sites', [{ name: 'shop' }, { name: 'blog' }]],
])
const scope = new Scope([{ origin: 'test', values, literal: true }])

function valueOf(text: string): unknown {
  try {
    return scope.render({
      value: text,
      dialect: projectDialect,
      at: () => ({ file: 'site.yml', line: 1, column: 1 }),
    })
  } catch (error) {
    return String(error)
  }
}

const evaluated = texts.map(valueOf)
cache.save()
stdout.write(JSON.stringify({ evaluated, known }))
