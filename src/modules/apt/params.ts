import * as z from 'zod'

import { absolutePath, booleanParam, integerParam, nameParam, stringList } from '../definition/parameters.ts'
import { packageList } from './package-name.ts'

export const packageStates = {
  present: 'present',
  installed: 'present',
  latest: 'latest',
  absent: 'absent',
  removed: 'absent',
} as const

const upgrades = {
  no: 'no',
  false: 'no',
  yes: 'safe',
  true: 'safe',
  safe: 'safe',
  full: 'full',
  dist: 'full',
} as const

const upgrade = z
  .union([z.boolean(), z.enum(['no', 'yes', 'safe', 'full', 'dist'])])
  .transform((value) => upgrades[`${value}`])

/** The settings of a task that gives only names and a state. */
export const aptDefaults = {
  update_cache: false,
  upgrade: 'no',
  purge: false,
  autoremove: false,
  only_upgrade: false,
  force: false,
  allow_downgrade: false,
  allow_change_held_packages: false,
  allow_unauthenticated: false,
  // unlike in Ansible: an installation rarely removes packages on purpose
  fail_on_autoremove: true,
  dpkg_options: ['force-confdef', 'force-confold'],
  lock_timeout: 60,
} as const

export const aptParams = z
  .strictObject({
    name: packageList.default([]),
    state: z
      .enum(['present', 'installed', 'latest', 'absent', 'removed', 'fixed'])
      .default('present')
      .transform((state) => (state === 'fixed' ? state : packageStates[state])),
    update_cache: booleanParam.optional(),
    cache_valid_time: integerParam.optional(),
    upgrade: upgrade.default(aptDefaults.upgrade),
    deb: absolutePath.optional(),
    install_recommends: booleanParam.optional(),
    default_release: nameParam.optional(),
    purge: booleanParam.default(aptDefaults.purge),
    autoremove: booleanParam.default(aptDefaults.autoremove),
    only_upgrade: booleanParam.default(aptDefaults.only_upgrade),
    force: booleanParam.default(aptDefaults.force),
    allow_downgrade: booleanParam.default(aptDefaults.allow_downgrade),
    allow_change_held_packages: booleanParam.default(aptDefaults.allow_change_held_packages),
    allow_unauthenticated: booleanParam.default(aptDefaults.allow_unauthenticated),
    fail_on_autoremove: booleanParam.default(aptDefaults.fail_on_autoremove),
    dpkg_options: stringList.default([...aptDefaults.dpkg_options]),
    lock_timeout: integerParam.default(aptDefaults.lock_timeout),
    policy_rc_d: integerParam.optional(),
  })
  .transform((given) => ({
    ...given,
    update_cache: given.update_cache ?? given.cache_valid_time !== undefined,
  }))
  .superRefine((given, context) => {
    const problem = problemOf(given)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

export type AptParams = z.output<typeof aptParams>

type Given = Pick<
  AptParams,
  'name' | 'state' | 'deb' | 'upgrade' | 'update_cache' | 'autoremove' | 'default_release'
>

function problemOf(given: Given): string | undefined {
  const { name, state, deb, upgrade, update_cache, autoremove } = given
  const works = name.length > 0 || deb !== undefined || upgrade !== 'no' || state === 'fixed'
  if (!works && !update_cache && !autoremove) return 'needs name, deb, upgrade, update_cache or autoremove'
  if (deb !== undefined && (name.length > 0 || state !== 'present'))
    return 'deb cannot be combined with name or with a state other than present'
  if (upgrade !== 'no' && (name.length > 0 || state !== 'present'))
    return 'upgrade applies to all packages: it cannot be combined with name or state'
  if (state === 'fixed' && name.length > 0)
    return 'state: fixed applies to all packages: it cannot be combined with name'
  if (state === 'latest' && given.default_release !== undefined)
    return 'state: latest cannot be combined with default_release: it follows the pins in /etc/apt/preferences.d'
  if (state !== 'present' && name.some((one) => one.version !== undefined))
    return 'a version needs state: present'
  return undefined
}
