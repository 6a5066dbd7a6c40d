import * as z from 'zod'

/** The name of a release: a word that is a folder's name everywhere and no option. `.partial` is for what is being made. */
export const releaseId = z
  .string()
  .regex(/^\w[\w.-]*$/, 'expected letters, digits, _, . and -')
  .refine((id) => !id.endsWith('.partial'), '.partial is the name of what is not complete')
