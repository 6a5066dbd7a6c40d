import { sh, type Script } from '../../target/sh.ts'

/** Bytes of a lock that are read: it names one run. */
export const longestLock = 65_536

/** Prints what the lock of a deploy says. Nothing but a regular file is one, so that no FIFO can hold whoever looks. */
export function lockText(file: string): Script {
  return sh`if [ -f ${file} ] && [ ! -h ${file} ]; then head -c ${longestLock} ${file} 2>/dev/null; fi`
}
