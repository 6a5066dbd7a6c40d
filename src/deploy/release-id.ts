/** Returns the name of a release, the same on all hosts: "20260102T030405Z-1a2b3c4". Names sort by time. */
export function releaseId(at: Date, sha: string): string {
  return `${timeStamp(at)}-${sha.slice(0, 7)}`
}

/** "20260102T030405Z" */
export function timeStamp(at: Date): string {
  return at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
}
