import { writeFileSync } from 'node:fs'

import { freshnessTable, recordedTable } from './freshness-table.ts'

writeFileSync(recordedTable, `${JSON.stringify(freshnessTable(), null, 2)}\n`)
