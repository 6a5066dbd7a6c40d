/** The machine's host name: the kernel takes at most 64 characters, DNS no underscore. */
export function hostnameOf(name: string): string {
  return name
    .replaceAll('_', '-')
    .slice(0, 63)
    .replace(/[.-]+$/, '')
}
