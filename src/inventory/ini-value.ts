import { InvalidInputError } from '../errors.ts'
import { plainValue } from '../yaml/scalar.ts'
import { parseYaml } from '../yaml/yaml-document.ts'

/** Parses a value of an INI inventory: a number, boolean, quoted string, list or mapping; otherwise a string. */
export function iniValue(text: string): unknown {
  if (text === 'None') return null
  const quoted = /^(?:'([^']*)'|"([^"]*)")$/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2]
  if (text === '') return ''
  return /^[[{]/.test(text) ? collection(text) : plainValue(text)
}

function collection(text: string): unknown {
  try {
    return parseYaml(text, 'value').value
  } catch (error) {
    if (error instanceof InvalidInputError) return text
    throw error
  }
}
