import { randomBytes } from 'node:crypto'

import { deployer, type Deployer } from './deployer.ts'

/** One run of a command of deploys: what tells it from others, and who runs it. */
export interface DeployRun {
  readonly id: string
  readonly by: Deployer
  readonly started: Date
}

/** @param folder the working directory, whose git settings name the person if the environment does not */
export async function beginDeployRun(environment: NodeJS.ProcessEnv, folder: string): Promise<DeployRun> {
  const by = await deployer(environment, folder)
  return { id: randomBytes(6).toString('hex'), by, started: new Date() }
}

/** What the playbooks are told of it. */
export function variablesOfRun({ id, by, started }: DeployRun, purpose: string): Record<string, unknown> {
  return {
    deploy_run: id,
    deploy_by: `${by.name} on ${by.host}`,
    deploy_purpose: purpose,
    deploy_created: started.toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}
