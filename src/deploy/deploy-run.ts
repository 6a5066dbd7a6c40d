import { randomBytes } from 'node:crypto'

import { deployer, type Deployer } from './deployer.ts'

/** One run of a deploy command: its id, who started it and when. */
export interface DeployRun {
  readonly id: string
  readonly by: Deployer
  readonly started: Date
}

/** @param folder the working directory, whose git settings name the deployer if the environment does not */
export async function beginDeployRun(environment: NodeJS.ProcessEnv, folder: string): Promise<DeployRun> {
  const by = await deployer(environment, folder)
  return { id: randomBytes(6).toString('hex'), by, started: new Date() }
}

/** Returns the variables that describe the run to the playbooks. */
export function variablesOfRun({ id, by, started }: DeployRun, purpose: string): Record<string, unknown> {
  return {
    deploy_run: id,
    deploy_by: `${by.name} on ${by.host}`,
    deploy_purpose: purpose,
    deploy_created: started.toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}
