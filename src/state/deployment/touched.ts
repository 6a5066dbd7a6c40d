import type { Dependencies } from '../definition/dependencies.ts'
import { isWriteTo, type Write } from '../definition/write.ts'
import type { Deployment, DeploymentQuestion } from './value.ts'

/** The writes that may change an answer about a deployment. */
export const deploymentDependencies: Dependencies<DeploymentQuestion, Deployment> = {
  scopes: ['anything'],
  kinds: { path: ({ subject }, { root }) => holds(subject, root) || isOurs(subject, root) },
}

/**
 * Returns the answer unchanged after a command or a new directory in a dry run, because only the holder of the deploy
 * lock changes a deployment.
 */
export function possibleDeployments(
  { root }: DeploymentQuestion,
  write: Write,
  answer: Deployment,
): readonly Deployment[] | undefined {
  if (answer.insecure !== undefined) return undefined
  if (write.type === 'scope') return [answer]
  if (isWriteTo(write, 'path') && write.value?.exists === false) return undefined
  const folders = answer.releases.map(({ id }) => `${root}/releases/${id}`)
  return holds(write.subject, root) || folders.includes(write.subject) ? [answer] : undefined
}

/** Returns whether the path is the root, a directory above it, `releases` or `shared`. */
function holds(path: string, root: string): boolean {
  return (
    path === root || root.startsWith(`${path}/`) || path === `${root}/releases` || path === `${root}/shared`
  )
}

/** Returns whether Hostwright manages the path. Other files in a release belong to the application. */
function isOurs(path: string, root: string): boolean {
  if (!path.startsWith(`${root}/`)) return false
  const [top, id, file, ...deeper] = path.slice(root.length + 1).split('/')
  if (top === 'current' || top === 'candidate') return id === undefined
  if (top === 'releases') return file === undefined || (ownFiles.has(file) && deeper.length === 0)
  return top === 'deploy'
}

const ownFiles: ReadonlySet<string> = new Set(['release.json', 'fpm.sock'])
