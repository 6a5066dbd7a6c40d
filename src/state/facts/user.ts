import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

export const user = defineFacts({
  names: ['user_id', 'user_uid', 'user_gid', 'user_dir'],
  read: {
    user: sh`
      id
      echo "$HOME"
    `,
  },
  /** Parses "uid=0(root) gid=0(root) groups=0(root)" and the home directory. */
  parse({ user: [identity = '', home = ''] }) {
    const [, uid, name, gid] = /^uid=(\d+)(?:\(([^)]*)\))? gid=(\d+)/.exec(identity) ?? []
    if (uid === undefined) throw new Error(`unexpected output of id: ${identity}`)
    return { user_id: name ?? uid, user_uid: Number(uid), user_gid: Number(gid), user_dir: home }
  },
})
