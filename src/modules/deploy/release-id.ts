import * as z from 'zod'

/**
 * The name of a release, which is a safe directory name and never an option. `.partial` marks an incomplete release.
 */
export const releaseId = z
  .string()
  .regex(/^\w[\w.-]*$/, 'expected letters, digits, _, . and -')
  .refine((id) => !id.endsWith('.partial'), 'must not end with .partial, which marks an incomplete release')
