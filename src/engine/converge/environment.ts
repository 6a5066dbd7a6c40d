import { joinScripts, sh, type Script } from '../../target/sh.ts'

/** Prepends exports of these variables to the script. They are text of the script, not arguments of a process. */
export function exportsOf(environment: Readonly<Record<string, string>>, script: Script): Script {
  const variables = Object.entries(environment)
  if (variables.length === 0) return script
  return joinScripts([...variables.map(([name, value]) => sh`export ${`${name}=${value}`}`), script])
}
