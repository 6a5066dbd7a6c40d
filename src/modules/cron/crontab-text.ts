/** The lines of a crontab. Each job has Ansible's marker `#Ansible: name` above it. */
export type Crontab = readonly string[]

const marker = '#Ansible: '

/** Returns the line of the job with this name. */
export function jobOf(crontab: Crontab, name: string): string | undefined {
  const at = crontab.indexOf(marker + name)
  return at < 0 ? undefined : (crontab[at + 1] ?? '')
}

export function withJob(crontab: Crontab, name: string, job: string): Crontab {
  const at = crontab.indexOf(marker + name)
  if (at < 0) return [...crontab, marker + name, job]
  return [
    ...withoutJob(crontab.slice(0, at), name),
    marker + name,
    job,
    ...withoutJob(crontab.slice(at + 2), name),
  ]
}

/** Removes all jobs with this name. */
export function withoutJob(crontab: Crontab, name: string): Crontab {
  return crontab.filter((line, index) => line !== marker + name && crontab[index - 1] !== marker + name)
}

/** Returns the value of an environment variable with its quotes. */
export function variableOf(crontab: Crontab, name: string): string | undefined {
  const line = crontab.findLast((one) => variableName(one) === name)
  return line?.replace(/^[^=]*=\s*/, '')
}

/** Adds a variable before all jobs, because it only applies to the lines after it. */
export function withVariable(crontab: Crontab, name: string, value: string): Crontab {
  const at = crontab.findIndex((line) => variableName(line) === name)
  if (at < 0) return [`${name}=${value}`, ...crontab]
  return crontab.flatMap((line, index) =>
    index === at ? [`${name}=${value}`] : variableName(line) === name ? [] : [line],
  )
}

export function withoutVariable(crontab: Crontab, name: string): Crontab {
  return crontab.filter((line) => variableName(line) !== name)
}

function variableName(line: string): string | undefined {
  return /^\s*["']?(\w+)["']?\s*=/.exec(line)?.[1]
}
