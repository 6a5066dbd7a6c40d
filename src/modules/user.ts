import { group } from '../state/group.ts'
import { path } from '../state/path.ts'
import { user as userKind } from '../state/user.ts'
import { defineModule, when } from './definition/module.ts'
import { userChanges } from './user/changes.ts'
import { userParams, type UserParams } from './user/params.ts'
import { userStep } from './user/step.ts'

export const user = defineModule({
  name: 'user',
  summary: 'Makes a user, keeps the account as described, or removes it',
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
