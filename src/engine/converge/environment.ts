import { joinScripts, sh, type Script } from '../../target/sh.ts'

/** The script with these variables in its environment. They travel as text of the script, not as arguments. */
export function exportsOf(environment: Readonly<Record<string, string>>, script: Script): Script {
  const variables = Object.entries(environment)
  if (variables.length === 0) return script
  return joinScripts([...variables.map(([name, value]) => sh`export ${`${name}=${value}`}`), script])
}
