import { basename } from 'node:path/posix'
import * as z from 'zod'

import { defineModule, type Given } from './definition/module.ts'
import { booleanParam, destinationPath, modeOrPreserveParam } from './definition/parameters.ts'
import { type Destination, destinationKeys } from './file/destination.ts'
import { placedFile, placeFile, placeFileChanges, type PlacedFile } from './file/placed-file.ts'
import { accountKeys, ownershipParams, ownershipSentences } from './placement/ownership.ts'

const params = z.strictObject({
  src: z.string(),
  dest: destinationPath,
  ...ownershipParams,
  mode: modeOrPreserveParam.optional(),
  force: booleanParam.default(true),
  follow: booleanParam.default(false),
  backup: booleanParam.default(false),
  validate: z.string().optional(),
})

type TemplateParams = Given<z.infer<typeof params>>

export const template = defineModule({
  name: 'template',
  summary: 'Renders a template and writes it to the host.',
  documentation: () => ({
    parameters: {
      src: 'EJS template on the controller, searched for in `templates/` and then alongside the playbook; unlike in Ansible, not Jinja2.',
      dest: 'Absolute path on the host; if it ends with a slash or is a directory, the file goes into it, named like `src` without `.ejs`.',
      ...ownershipSentences,
      mode: 'Permissions of the file, e.g. `0644` or `u=rw,go=r`, or `preserve` for those of `src`; by default a new file gets 0644 and an existing one keeps its own.',
      force: 'Replaces a file whose content differs; `false` only creates a missing file.',
      follow: 'If `dest` is a symlink, writes to its target instead of replacing the symlink.',
      backup: 'Keeps the previous version of the file alongside it, with the time in its name.',
      validate:
        'Command that must succeed before the file is put in place; `%s` is the path of the new file, and without `%s` the command sees it at `dest`.',
    },
    checkMode:
      'Decided: the template is rendered, and the diff is exact. `validate` runs. Unknown if the template uses a value that a dry run cannot know.',
    example: `- name: Write the site of the shop
  template:
    src: shop.conf.ejs
    dest: /etc/nginx/sites-available/shop.conf
    mode: '0644'
    validate: nginx -t`,
  }),
  params,
  source: 'template',
  reads: (given: TemplateParams) => ({ ...destinationKeys(destinationOf(given)), ...accountKeys(given) }),
  diff: (state, given) => placeFileChanges(destinationOf(given), wantedOf(given), state),
  apply: (changes, given, state) => placeFile(changes, destinationOf(given), wantedOf(given), state),
  result: (done) => placedFile(destinationOf(done.params), done.state, done.outputs),
})

function destinationOf(given: TemplateParams): Destination {
  const { dest, follow, src } = given
  return { dest, follow, name: basename(src).replace(/\.ejs$/, ''), content: rendered(given) }
}

function wantedOf(given: TemplateParams): PlacedFile {
  const { mode, source } = given
  return {
    ...given,
    mode: mode === 'preserve' ? (source?.type === 'file' ? source.mode : undefined) : mode,
    content: rendered(given),
  }
}

function rendered({ source }: TemplateParams): Buffer {
  if (source?.type !== 'file' || !Buffer.isBuffer(source.content))
    throw new Error('a template without its rendered content')
  return source.content
}
