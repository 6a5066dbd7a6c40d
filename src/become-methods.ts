/** The programs that run a shell of another user on a host. */
export const becomeMethods = ['sudo'] as const

export type BecomeMethod = (typeof becomeMethods)[number]

/** The program for hosts without `ansible_become_method`. */
export const defaultBecomeMethod: BecomeMethod = 'sudo'
