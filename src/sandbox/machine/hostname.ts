/** Returns the machine's hostname: the kernel allows at most 64 characters, DNS no underscore. */
export function hostnameOf(name: string): string {
  return name
    .replaceAll('_', '-')
    .slice(0, 63)
    .replace(/[.-]+$/, '')
}
