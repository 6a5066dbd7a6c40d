import * as z from 'zod'

import { ExitCode, TaskFailure } from '../errors.ts'
import { deployLock, type LockHolder } from '../state/deploy-lock.ts'
import { deployment } from '../state/deployment.ts'
import { lockText } from '../state/deployment/lock-text.ts'
import { sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Lease, type Step } from './definition/module.ts'
import { booleanParam, integerParam, nameParam } from './definition/parameters.ts'
import { deployParams, journal, runMark, deploySentences } from './deploy/notes.ts'
import { demandSecure } from './deploy/secure-root.ts'

const params = z
  .strictObject({
    ...deployParams,
    state: z.enum(['present', 'absent']).default('present'),
    by: nameParam.default('unknown'),
    purpose: nameParam.default('deploy'),
    wait: integerParam.default(0),
    heartbeat: integerParam.refine((seconds) => seconds > 0, 'must be at least 1').default(5),
    stale_after: integerParam.default(30),
    force: booleanParam.default(false),
    reason: nameParam.optional(),
  })
  .refine(({ heartbeat, stale_after: limit }) => limit > heartbeat, {
    message: 'must be more than heartbeat',
    path: ['stale_after'],
  })
  .refine(({ force, reason }) => !force || reason !== undefined, {
    message: 'is required with force, for the journal',
    path: ['reason'],
  })

type DeployLockParams = z.infer<typeof params>

/** The exit code of a script if another run holds the lock. */
const taken = 75

/** The exit code of a script if another process holds the guard of the lock. */
const guardHeld = 76

/** The seconds to wait for the guard. Hostwright itself only holds it for a moment. */
const guardTimeLimit = 10

/** The environment variable that marks all processes of a run on the host. */
const environmentName = 'HOSTWRIGHT_RUN'

export const deployLockModule = defineModule({
  name: 'deploy_lock',
  summary: 'Takes or releases the deploy lock of an application, which is held until the end of the run.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      state: '`present` takes the lock, `absent` releases it.',
      by: 'Person or program that deploys, shown to other runs while this run holds the lock.',
      purpose: 'Purpose of the run, shown together with `by`, e.g. `deploy v1.2.3`.',
      wait: 'Seconds to wait while another run holds the lock.',
      heartbeat: 'Seconds between renewals of the lock.',
      stale_after:
        'Seconds without a renewal after which the run that holds the lock counts as dead; must be more than `heartbeat`.',
      force: 'With `state: absent`, also removes the lock of another run; needs `reason`.',
      reason: 'Reason for `force`, kept in the journal on the host.',
    },
    checkMode: 'Decided: the lock is read. It is not taken.',
    example: (print) => `- name: Take the deploy lock
  deploy_lock:
    root: /srv/shop
    run: '${print('deploy_run')}'
    by: alice
    purpose: deploy v1.2.3
    wait: 900`,
  }),
  params,
  reads: ({ root }: DeployLockParams) => ({
    holder: deployLock.key({ root }),
    deployment: deployment.key({ root }),
  }),
  diff({ holder, deployment: now }, { state, run, force }): Change[] {
    demandSecure(now)
    const own = holder?.run === run
    if (state === 'present') return own ? [] : [change(holder, run)]
    return holder === null || !(own || force) ? [] : [change(holder, null)]
  },
  apply: (_changes, given): Step[] => {
    const writes = [deployLock.write({ root: given.root })]
    return given.state === 'present'
      ? [
          {
            script: acquire(given),
            writes,
            waits: true,
            acquires: leaseOf(given),
            timeLimit: given.wait + given.stale_after + guardTimeLimit + 60,
          },
        ]
      : [{ script: given.force ? breakLock(given) : release(given), writes, releases: nameOf(given) }]
  },
  explain({ code, stdout }, { root }) {
    if (code === guardHeld) return guardFailure(root, stdout)
    if (code !== taken) return undefined
    const [holder = null] = deployLock.parse(stdout, [{ root }])
    return new TaskFailure(`${root} is locked${holder === null ? '' : ` by ${describe(holder)}`}`, {
      exitCode: ExitCode.locked,
      hint: 'wait for it with --lock-wait 900, or remove the lock of a dead run with hostwright unlock --reason …',
      values: { holder },
    })
  },
  result: ({ state: { holder } }) => ({ holder }),
})

function guardFailure(root: string, holders: string): TaskFailure {
  const known = holders.trim() === '' ? '' : `:\n${holders.trimEnd()}`
  return new TaskFailure(
    `${root} cannot be locked: another process has held ${root}/deploy/guard for ${guardTimeLimit} seconds${known}`,
    {
      exitCode: ExitCode.locked,
      hint: 'end that process (kill PID), which is not a deploy, and try again',
    },
  )
}

function change(holder: LockHolder | null, after: string | null): Change {
  return { field: 'lock', before: holder === null ? null : describe(holder), after }
}

function describe({ by, since, purpose, run }: LockHolder): string {
  if (run === '') return 'an unknown run (the lock cannot be read)'
  return `${by} since ${since} (${purpose}, run ${run})`
}

function nameOf({ root }: DeployLockParams): string {
  return `the deploy lock of ${root}`
}

function leaseOf(given: DeployLockParams): Lease {
  const { run, heartbeat } = given
  const environment = { [environmentName]: run }
  return {
    name: nameOf(given),
    interval: heartbeat,
    renew: renew(given),
    environment,
    release: release(given),
  }
}

/** Renews the lock, or fails if this run does not hold it. A step of another user can read the lock, but not touch it. */
function renew({ root, run }: DeployLockParams): Script {
  return sh`
    ${enterNotes(root)}
    holder='no run holds it any more'
    if [ -e lock ]; then holder=$(${lockText('lock')}); fi
    case $holder in
      *${runMark(run)}*) touch -c lock 2>/dev/null || : ;;
      *)
        printf '%s\\n' "\${holder:-the lock cannot be read}" |
          sed 's/^{"since":"\\(.*\\)","run":"\\(.*\\)","by":"\\(.*\\)","purpose":"\\(.*\\)"}$/\\3 holds it now, since \\1 (\\4, run \\2)/' >&2
        exit 1
        ;;
    esac
  `
}

/**
 * Acquires the lock, or waits for it. The holder is alive if it renews the lock while this script waits, and dead if it
 * does not renew it within the limit. A run that just died leaves a fresh lock, so the script always waits for a
 * renewal, even without a time to wait. A lock with a time in the future was taken before the clock was set back; its
 * limit begins now. After it has taken the lock of a dead run, the script waits for the end of the run's processes,
 * whose sessions notice that they have lost the lock.
 */
function acquire({ root, run, by, purpose, wait, stale_after: limit }: DeployLockParams): Script {
  const holder = JSON.stringify({ run, by, purpose }).slice(1)
  return sh`
    mkdir -p ${`${root}/deploy`}
    ${enterNotes(root)}
    ${openGuard}
    ${awaitEnd}
    # prints the run whose lock it took over
    try() ${guarded(sh`
      if [ -f lock ]; then
        case $(${lockText('lock')}) in *${runMark(run)}*) exit 0 ;; esac
        silent=$(($(date +%s) - $(stat -c %Y lock)))
        if [ "$silent" -lt 0 ]; then touch -c lock; fi
        if [ "$silent" -lt ${limit} ]; then exit ${taken}; fi
        ${holderOf}
        ${journal(root, { event: 'lock taken over', run, by })} || exit
      fi
      rm -f lock.new
      printf '{"since":"%s",%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${holder} >lock.new || exit
      mv -fT lock.new lock
    `)}
    look() { stat -c '%y %i' lock 2>/dev/null || echo none; }
    start=$(date +%s)
    first=$(look)
    while :; do
      code=0
      dead=$(try) || code=$?
      await_end "$dead"
      if [ "$code" = ${guardHeld} ]; then
        say_guard_holders
        exit "$code"
      fi
      if [ "$code" != ${taken} ]; then exit "$code"; fi
      if [ $(($(date +%s) - start)) -ge ${wait} ] && [ "$(look)" != "$first" ]; then
        ${deployLock.read([{ root }])}
        exit ${taken}
      fi
      sleep 0.2 2>/dev/null || sleep 1
    done
  `
}

/** Removes the lock if this run holds it. */
function release({ root, run }: DeployLockParams): Script {
  return sh`
    [ -d ${`${root}/deploy`} ] || exit 0
    ${enterNotes(root)}
    ${openGuard}
    ${guarded(sh`if [ -f lock ]; then case $(${lockText('lock')}) in *${runMark(run)}*) rm -f lock ;; esac; fi`)} || {
      code=$?
      if [ "$code" = ${guardHeld} ]; then say_guard_holders; fi
      exit "$code"
    }
  `
}

/** Removes the lock of any run, and waits for the end of that run's processes on the host. */
function breakLock({ root, run, by, reason }: DeployLockParams): Script {
  return sh`
    ${enterNotes(root)}
    ${openGuard}
    ${awaitEnd}
    take_away() ${guarded(sh`
      ${holderOf}
      rm -f lock
    `)}
    dead=$(take_away) || {
      code=$?
      if [ "$code" = ${guardHeld} ]; then say_guard_holders; fi
      exit "$code"
    }
    ${journal(root, { event: 'unlocked', run, by, reason })}
    await_end "$dead"
  `
}

function enterNotes(root: string): Script {
  return sh`cd -P ${`${root}/deploy`} || exit`
}

/** Lets only one process at a time take or remove the lock, so that two runs cannot take over the same lock. */
function guarded(work: Script): Script {
  return sh`(
    asked=$(date +%s)
    until flock -n 9; do
      if [ $(($(date +%s) - asked)) -ge ${guardTimeLimit} ]; then exit ${guardHeld}; fi
      sleep 0.2 2>/dev/null || sleep 1
    done
    ${work}
    ) 9>>guard
  `
}

/**
 * Creates the guard, readable only for its owner, because any user who can read a file can lock it. Earlier versions
 * made it readable for everyone, and a process that opened it then may still hold it.
 */
const openGuard = sh`
  if [ -e guard ] && [ ! -f guard ]; then
    echo "$PWD/guard is not a regular file" >&2
    exit 1
  fi
  (umask 077 && : >>guard)
  chmod 0600 guard
  # prints the processes that have the guard open, with their users; this process does not have it open
  say_guard_holders() {
    stat -L -c '%d:%i:%n' guard /proc/[0-9]*/fd/* 2>/dev/null | sed -n '1{s/guard$//;h;};1!{G;s/^\\(.*:\\)\\/proc\\/\\([0-9]*\\)\\/fd\\/.*\\n\\1$/\\2/p;}' | sort -u |
      while read -r pid; do
        echo "pid $pid of $(stat -c %U "/proc/$pid" 2>/dev/null) ($(cat "/proc/$pid/comm" 2>/dev/null))"
      done
  }
`

/** Prints the run that holds the lock, or nothing if the lock has just been removed. */
const holderOf = sh`${lockText('lock')} | sed -n 's/^.*"run":"\\([^"]*\\)".*$/\\1/p'`

/** Defines `await_end RUN`, which waits for the end of the run's processes. It has a limit because of daemons. */
const awaitEnd = sh`
  await_end() {
    waited=0
    while [ -n "$1" ] && [ "$waited" -lt 50 ] && grep -qsF ${`${environmentName}=`}"$1" /proc/[0-9]*/environ; do
      sleep 0.2 2>/dev/null || sleep 1
      waited=$((waited + 1))
    done
  }
`
