import { group } from '../state/group.ts'
import { path } from '../state/path.ts'
import { user as userKind } from '../state/user.ts'
import { defineModule, when } from './definition/module.ts'
import { userChanges } from './user/changes.ts'
import { userParams, type UserParams } from './user/params.ts'
import { userStep } from './user/step.ts'

export const user = defineModule({
  name: 'user',
  summary: 'Creates, changes or removes a user account.',
  documentation: () => ({
    parameters: {
      name: 'Name of the user.',
      state: '`present` creates or updates the account, `absent` removes it.',
      uid: 'Number of the user; a new user gets the next free one by default.',
      group:
        'Primary group, by name or number, which must exist; by default a group with the name of the user.',
      groups:
        'Supplementary groups by name, which must exist; the user leaves all others unless `append` is set, and without `groups` nothing changes.',
      append: 'Adds to the supplementary groups instead of replacing them.',
      home: 'Absolute path of the home directory, /home/NAME by default.',
      create_home: 'Creates the home directory of a new user.',
      move_home: 'Moves the content of the home directory when `home` changes.',
      shell: 'Absolute path of the login shell.',
      comment: 'Full name or description (GECOS).',
      system: 'Gives a new user a number from the range for system users; has no effect on an existing one.',
      password: 'Hash of the password, as `mkpasswd -m sha-512` prints it; the password itself is refused.',
      update_password: '`always` changes a password that differs, `on_create` sets it only for a new user.',
      password_lock: 'Locks the password; `false` unlocks it.',
      expires:
        'Day on which the account expires, in seconds since 1970; a negative number removes the expiry date.',
      remove: 'With `state: absent`, also removes the home directory and the mail spool.',
      force: 'With `state: absent`, also removes a user who is logged in.',
    },
    checkMode: 'Decided: the account and its groups are read.',
    example: `- name: Create the user of the deploys
  user:
    name: deploy
    groups: [www-data]
    append: true
    shell: /bin/bash`,
  }),
  params: userParams,
  reads: (params: UserParams) => ({
    user: userKind.key({ name: params.name }),
    group: when(params.group, () => group.key({ name: params.group ?? '' })),
    groups: (params.groups ?? []).map((name) => group.key({ name })),
    home: when(params.home !== undefined && !params.create_home, () =>
      path.key({ path: params.home ?? '/' }),
    ),
    own: when(params.group === undefined, () => group.key({ name: params.name })),
  }),
  diff: (state, params) => userChanges(params, state),
  apply: (changes, params, state) => [userStep(changes, params, state)],
  result: ({ params: { name, state }, state: { user: found } }) => ({
    name,
    state,
    ...(found.exists ? { uid: found.uid, group: found.gid, home: found.home, shell: found.shell } : {}),
  }),
})
