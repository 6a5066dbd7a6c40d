import type { Dependencies } from '../definition/dependencies.ts'
import { isWriteTo, type Write } from '../definition/write.ts'
import type { Deployment, DeploymentQuestion } from './value.ts'

/** What an answer about a deployment depends on. */
export const deploymentDependencies: Dependencies<DeploymentQuestion, Deployment> = {
  scopes: ['anything'],
  kinds: { path: ({ subject }, { root }) => holds(subject, root) || isOurs(subject, root) },
}

/**
 * Only deploys move what belongs to them, and the lock lets one at a time do so: in a dry run neither a command nor a
 * folder that is made around them changes anything.
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

/** The root itself, a folder above it, or one in which the releases or what they share lie. */
function holds(path: string, root: string): boolean {
  return (
    path === root || root.startsWith(`${path}/`) || path === `${root}/releases` || path === `${root}/shared`
  )
}

/** `current`, `candidate`, our notes, the folder of a release itself and its two files; what else is in a release is the application's. */
function isOurs(path: string, root: string): boolean {
  if (!path.startsWith(`${root}/`)) return false
  const [top, id, file, ...deeper] = path.slice(root.length + 1).split('/')
  if (top === 'current' || top === 'candidate') return id === undefined
  if (top === 'releases') return file === undefined || (ownFiles.has(file) && deeper.length === 0)
  return top === 'deploy'
}

const ownFiles: ReadonlySet<string> = new Set(['release.json', 'fpm.sock'])
