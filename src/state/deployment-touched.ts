import type { Deployment, DeploymentQuestion } from './deployment.ts'
import type { Write } from './key.ts'

/** Whether a write to something else may change what is deployed. Packages put nothing below /srv and the like, but a root may be anywhere. */
export function deploymentTouchedBy(
  { root }: DeploymentQuestion,
  write: Write,
  _answer: Deployment,
): boolean {
  if (write.type === 'scope') return write.scope === 'anything'
  if (write.kind === 'path') return isOurs(write.subject, root)
  return false
}

/** `current`, `candidate`, our notes, the folder of a release itself and its two files; what else is in a release is the application's. */
function isOurs(path: string, root: string): boolean {
  if (root.startsWith(`${path}/`) || root === path) return true
  if (!path.startsWith(`${root}/`)) return false
  const [top, id, file, ...deeper] = path.slice(root.length + 1).split('/')
  switch (top) {
    case 'current':
    case 'candidate':
      return id === undefined
    case '.deploy':
      return true
    case 'releases':
      return id === undefined || file === undefined || (ownFiles.has(file) && deeper.length === 0)
    default:
      return false
  }
}

const ownFiles: ReadonlySet<string> = new Set(['release.json', 'fpm.sock'])
