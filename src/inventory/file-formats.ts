import type { Draft } from './draft.ts'
import { readIniFile } from './ini-inventory.ts'
import { readYamlFile } from './yaml-inventory.ts'

/** Adds the groups and hosts of a file to the draft. */
type InventoryReader = (file: string, draft: Draft) => void

/** The formats of inventory files, by the extension of the file. */
const formats: Readonly<Record<string, InventoryReader>> = {
  yml: readYamlFile,
  yaml: readYamlFile,
  json: readYamlFile,
  ini: readIniFile,
}

/** Returns the reader for a file. Files with other extensions, or none, are INI. */
export function readerOf(file: string): InventoryReader {
  const extension = /\.([^./]+)$/.exec(file)?.[1] ?? ''
  return Object.hasOwn(formats, extension) ? (formats[extension] ?? readIniFile) : readIniFile
}
