import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

export const hardware = defineFacts({
  names: [
    ...(['processor_vcpus', 'processor_nproc', 'memtotal_mb', 'memfree_mb'] as const),
    ...(['memavailable_mb', 'swaptotal_mb', 'swapfree_mb'] as const),
  ],
  read: {
    processors: sh`nproc 2>/dev/null || :`,
    meminfo: sh`grep -E '^(Mem|Swap)' /proc/meminfo || :`,
  },
  parse({ processors, meminfo }) {
    const megabytes = (name: string): number => {
      const line = meminfo.find((one) => one.startsWith(`${name}:`))
      return Math.floor(Number(/\d+/.exec(line ?? '0')?.[0]) / 1024)
    }
    return {
      processor_vcpus: Number(processors[0] ?? 1),
      processor_nproc: Number(processors[0] ?? 1),
      memtotal_mb: megabytes('MemTotal'),
      memfree_mb: megabytes('MemFree'),
      memavailable_mb: megabytes('MemAvailable'),
      swaptotal_mb: megabytes('SwapTotal'),
      swapfree_mb: megabytes('SwapFree'),
    }
  },
})
