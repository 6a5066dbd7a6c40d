/** A file of an archive, with a relative path. */
export interface ArchivedFile {
  readonly path: string
  readonly content: Buffer
}

const blockSize = 512

/** The maximum bytes of a path in a header; a longer one precedes the header in a block of its own, as in GNU tar. */
const longestPath = 99

/** Returns an archive for tar(1). All files have the mode 0600. */
export function tarArchive(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap(({ path, content }) => {
    const name = Buffer.from(path)
    const longPath =
      name.length > longestPath ? entry('L', Buffer.from('././@LongLink'), Buffer.concat([name, nul])) : []
    return [...longPath, ...entry('0', name.subarray(0, longestPath), content)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)])
}

const nul = Buffer.alloc(1)

function entry(type: string, name: Buffer, content: Buffer): Buffer[] {
  const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize)
  return [header(type, name, content.length), content, padding]
}

/** Returns a header in the format ustar; its numbers are octal. */
function header(type: string, name: Buffer, size: number): Buffer {
  const block = Buffer.alloc(blockSize)
  name.copy(block, 0)
  const write = (text: string, offset: number): void => {
    block.write(text, offset, 'latin1')
  }
  write('0000600\0', 100)
  // owner, group
  write('0000000\0', 108)
  write('0000000\0', 116)
  write(size.toString(8).padStart(11, '0'), 124)
  // time
  write('00000000000\0', 136)
  write(' '.repeat(8), 148)
  write(type, 156)
  write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
