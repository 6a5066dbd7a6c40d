import { withLock } from '../../src/process-lock.ts'
import { snapshotNames } from '../../src/sandbox/image/snapshot-store.ts'
import { down, removeSnapshot, snapshot, up, type Machine, type Release } from '../../src/sandbox/index.ts'
import { makeHome } from '../../src/sandbox/machines-folder.ts'
import { failuresOf, insteadOf, runJson } from './command.ts'
import { testName } from './machine.ts'
import { sitePlaybook } from './site.ts'

/** Undefined if a test file runs alone, in one process. */
const wholeRun = process.env['HOSTWRIGHT_TEST_RUN']
const prefix = `test-${wholeRun ?? process.pid}-converged-`

/**
 * Returns the name of a snapshot on which site.yml, run with `siteArguments`, has nothing to do. The first process of a
 * test run that needs it creates it from the current code; the test run removes it at its end.
 */
export async function convergedSite(release: Release): Promise<string> {
  const name = `${prefix}${release}`
  await makeHome()
  await withLock(`/run/hostwright-test-converged-${release}.lock`, async () => {
    if (!(await snapshotNames()).includes(name)) await converge(release, name)
  })
  return name
}

/** The passwords of the database accounts that convergedSite created. */
export const siteSecrets = {
  app_database_password: 'of a converged site',
  app_migration_password: 'of its migrations',
}

/** Returns the arguments with which site.yml, or a playbook alongside it, finds its machine as convergedSite left it. */
export function siteArguments(machine: Machine): string[] {
  return [...insteadOf(machine), '-e', JSON.stringify(siteSecrets)]
}

/** Removes the snapshots; machines that use them must be down. */
export async function removeConvergedSites(): Promise<void> {
  await makeHome()
  const names = await snapshotNames()
  await Promise.all(names.filter((name) => name.startsWith(prefix)).map(removeSnapshot))
}

async function converge(release: Release, name: string): Promise<void> {
  const machine = await up(testName(`converging-${release}`), { release })
  try {
    const run = await runJson([sitePlaybook, ...siteArguments(machine)])
    const failures = failuresOf(run)
    if (run.code !== 0)
      throw new Error(`site.yml on ${release} failed: ${failures.join('\n')}\n${run.stderr}`)
    await snapshot(machine.name, name)
  } catch (error) {
    await down(machine.name)
    throw error
  }
}

if (wholeRun === undefined) after('converged sites are removed', removeConvergedSites)
