import type { ExistingPath, PathType } from './value.ts'

/** Formats of `stat` for GNU and BusyBox. Names of users and groups contain no colon. */
export const accessFormat = '%f:%u:%g:%U:%G'
export const attributesFormat = `${accessFormat}:%s:%Y:%d:%i:%h`

/** The type, mode and ownership of a path. */
export type Access = Required<Pick<ExistingPath, 'type' | 'mode' | 'owner' | 'group' | 'uid' | 'gid'>>

export type Attributes = Access &
  Required<Pick<ExistingPath, 'exists' | 'size' | 'mtime' | 'device' | 'inode' | 'links'>>

const types = new Map<number, PathType>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
  [0o060000, 'block'],
  [0o020000, 'character'],
])

export function parseAccess(line: string): Access {
  return accessOf(fieldsOf(line, 5), line)
}

/** Parses a line of `stat` into one object literal: a run on many hosts keeps many of them. */
export function parseAttributes(line: string): Attributes {
  const fields = fieldsOf(line, 10)
  const { type, mode, owner, group, uid, gid } = accessOf(fields, line)
  return {
    exists: true,
    type,
    mode,
    owner,
    group,
    uid,
    gid,
    size: Number(fields[5]),
    mtime: Number(fields[6]),
    device: Number(fields[7]),
    inode: Number(fields[8]),
    links: Number(fields[9]),
  }
}

function accessOf(
  [mode = '', uid = '', gid = '', owner = '', group = '']: readonly string[],
  line: string,
): Access {
  const bits = parseInt(mode, 16)
  const type = types.get(bits & 0o170000)
  if (type === undefined) throw new Error(`unexpected attributes of a path: ${line}`)
  return {
    type,
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    uid: Number(uid),
    gid: Number(gid),
  }
}

function fieldsOf(line: string, count: number): string[] {
  const fields = line.split(':')
  if (fields.length !== count) throw new Error(`unexpected attributes of a path: ${line}`)
  return fields
}
