import { sh, type Script } from '../../target/sh.ts'

/** The maximum bytes of a lock. */
export const longestLock = 65_536

/** Prints the content of a deploy lock. Ignores everything but regular files, because a FIFO would block. */
export function lockText(file: string): Script {
  return sh`if [ -f ${file} ] && [ ! -h ${file} ]; then head -c ${longestLock} ${file} 2>/dev/null; fi`
}
