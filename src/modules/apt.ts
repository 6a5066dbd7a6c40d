import { aptPlan } from '../state/apt-plan.ts'
import { debFile } from '../state/deb-file.ts'
import { packageLists } from '../state/package-lists.ts'
import { packageKind } from '../state/package.ts'
import { aptChanges } from './apt/changes.ts'
import { aptParams, type AptParams } from './apt/params.ts'
import { aptStep } from './apt/step.ts'
import { defineModule, when } from './definition/module.ts'

export const apt = defineModule({
  name: 'apt',
  summary: 'Installs, upgrades and removes Debian packages, all in one transaction.',
  documentation: () => ({
    parameters: {
      name: 'Packages, each optionally with an architecture or a version (`nginx`, `libc6:i386`, `nginx=1.22*`); unlike in Ansible, names with wildcards are invalid.',
      state:
        '`present` (or `installed`) installs missing packages, `latest` also upgrades to the candidate version, `absent` (or `removed`) removes, `fixed` repairs broken dependencies.',
      update_cache:
        'Fetches the package lists first if they are older than `cache_valid_time` and the task has something to do; on by default if `cache_valid_time` is given.',
      cache_valid_time:
        'Age in seconds up to which package lists count as current; by default one hour with `name` or `upgrade`, otherwise 0.',
      upgrade:
        'Upgrades all packages: `safe` (or `yes`) removes none, `full` (or `dist`) may remove some; cannot be combined with `name`.',
      deb: 'Absolute path of a .deb file on the host to install; unlike in Ansible, not a URL.',
      install_recommends:
        "Installs recommended packages (`true`) or does not (`false`); by default, apt's own configuration decides.",
      default_release:
        'Release to install from, e.g. `bookworm-backports` (`apt-get -t`); cannot be combined with `state: latest`.',
      purge: 'Also removes the configuration files of removed packages.',
      autoremove:
        'Also removes dependencies that no installed package needs; without `name`, the task does nothing else.',
      only_upgrade: 'Upgrades installed packages, and does not install missing ones.',
      force:
        'Allows downgrades, changes to held packages, unauthenticated packages and the removal of essential packages.',
      allow_downgrade: 'Allows a version that is lower than the installed one.',
      allow_change_held_packages: 'Allows changes to packages that are on hold (`apt-mark hold`).',
      allow_unauthenticated: 'Allows packages whose signature cannot be verified.',
      fail_on_autoremove:
        'Fails if an installation or a safe upgrade would remove a package; on by default, unlike in Ansible.',
      dpkg_options: 'Options for dpkg, without their leading dashes.',
      lock_timeout: 'Seconds to wait for another process that holds the lock of apt or dpkg.',
      policy_rc_d:
        'Exit code of /usr/sbin/policy-rc.d during the task; 101 keeps packages from starting or stopping services.',
    },
    checkMode:
      'Decided: installed and candidate versions are read, and apt must know every package to install. `upgrade`, `autoremove` and `state: fixed` are simulated with the package lists that the host has. The contents of packages that are not installed yet (files, users, services) are unknown to later tasks.',
    example: `- name: Install Nginx and a version of PHP
  apt:
    name:
      - nginx
      - php8.2-fpm=8.2*
    update_cache: true

- name: Upgrade all packages
  apt:
    upgrade: safe
    cache_valid_time: 3600`,
  }),
  params: aptParams,
  reads(params: AptParams) {
    const { name, deb, update_cache, state } = params
    const action = planned(params)
    return {
      lists: when(update_cache || state === 'latest', () => packageLists.key({})),
      packages: name.map((wanted) =>
        packageKind.key({
          name: wanted.name,
          ...(state === 'latest' ? { version: 'candidate' } : {}),
          ...(wanted.version === undefined ? {} : { version: 'installed' }),
        }),
      ),
      debFile: when(deb, () => debFile.key({ path: deb ?? '' })),
      plan: when(action, () => aptPlan.key({ action: action ?? 'fix' })),
    }
  },
  diff: (state, params) => aptChanges(params, state),
  apply: (changes, params, state) => [aptStep(changes, params, state)],
  result: ({ changes, outputs }) => ({
    cache_updated: changes.some((change) => change.field === 'package lists'),
    stdout: outputs.map((output) => output.stdout).join(''),
    stderr: outputs.map((output) => output.stderr).join(''),
  }),
})

function planned({ upgrade, state, autoremove, name }: AptParams) {
  if (upgrade === 'safe') return 'upgrade'
  if (upgrade === 'full') return 'full-upgrade'
  if (state === 'fixed') return 'fix'
  return autoremove && name.length === 0 ? 'autoremove' : undefined
}
