import * as z from 'zod'

import { ExitCode, TaskFailure } from '../errors.ts'
import { deployLock, type LockHolder } from '../state/deploy-lock.ts'
import { deployment } from '../state/deployment.ts'
import { lockText } from '../state/deployment/lock-text.ts'
import { sh, type Script } from '../target/sh.ts'
import { defineModule, type Change, type Lease, type Step } from './definition/module.ts'
import { booleanParam, integerParam, nameParam } from './definition/parameters.ts'
import { deployParams, journal, runMark, deploySentences } from './deploy/notes.ts'
import { demandSecure } from './deploy/secure-root.ts'

const params = z
  .strictObject({
    ...deployParams,
    state: z.enum(['present', 'absent']).default('present'),
    by: nameParam.default('somebody'),
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
    message: 'force needs a reason: it goes into the journal',
    path: ['reason'],
  })

type DeployLockParams = z.infer<typeof params>

/** The code of a script that found the lock taken. */
const taken = 75

/** The code of a script that found the guard of the lock held by another process. */
const guardHeld = 76

/** Seconds. Hostwright holds the guard for moments only. */
const guardPatience = 10

/** Tells on the host what was begun by which run. */
const environmentName = 'HOSTWRIGHT_RUN'

export const deployLockModule = defineModule({
  name: 'deploy_lock',
  summary: 'Takes or releases the deploy lock of an application, which is held until the end of the run.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      state: '`present` takes the lock, `absent` releases it.',
      by: 'Person or program that deploys, shown to others who find the lock taken.',
      purpose: 'Purpose of the run, shown likewise, e.g. `deploy v1.2.3`.',
      wait: 'Seconds to wait while another run holds the lock.',
      heartbeat: 'Seconds between two renewals of the lock.',
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
            script: take(given),
            writes,
            waits: true,
            holds: leaseOf(given),
            timeLimit: given.wait + given.stale_after + guardPatience + 60,
          },
        ]
      : [{ script: given.force ? breakOpen(given) : giveBack(given), writes, givesBack: nameOf(given) }]
  },
  explain({ code, stdout }, { root }) {
    if (code === guardHeld) return guardFailure(root, stdout)
    if (code !== taken) return undefined
    const [holder = null] = deployLock.parse(stdout, [{ root }])
    return new TaskFailure(`${root} is locked${holder === null ? '' : ` by ${describe(holder)}`}`, {
      exitCode: ExitCode.locked,
      hint: '--lock-wait 900 waits for it; hostwright unlock --reason … takes it away from a run that is known to be dead',
      values: { holder },
    })
  },
  result: ({ state: { holder } }) => ({ holder }),
})

function guardFailure(root: string, holders: string): TaskFailure {
  const known = holders.trim() === '' ? '' : `:\n${holders.trimEnd()}`
  return new TaskFailure(
    `${root} cannot be locked: for ${guardPatience} seconds another process has held ${root}/deploy/guard${known}`,
    {
      exitCode: ExitCode.locked,
      hint: 'Hostwright holds this file for moments only: end the process that does (kill PID), then try again',
    },
  )
}

function change(holder: LockHolder | null, after: string | null): Change {
  return { field: 'lock', before: holder === null ? null : describe(holder), after }
}

function describe({ by, since, purpose, run }: LockHolder): string {
  if (run === '') return 'somebody (what the lock says cannot be read)'
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
    giveBack: giveBack(given),
  }
}

/** Users of whom a step is taken may look at the lock, but only who took it can touch it. */
function renew({ root, run }: DeployLockParams): Script {
  return sh`
    ${enterNotes(root)}
    holder='nobody holds it any more'
    if [ -e lock ]; then holder=$(${lockText('lock')}); fi
    case $holder in
      *${runMark(run)}*) touch -c lock 2>/dev/null || : ;;
      *)
        printf '%s\\n' "\${holder:-what it says cannot be read}" |
          sed 's/^{"since":"\\(.*\\)","run":"\\(.*\\)","by":"\\(.*\\)","purpose":"\\(.*\\)"}$/\\3 holds it now, since \\1 (\\4, run \\2)/' >&2
        exit 1
        ;;
    esac
  `
}

/**
 * A holder counts as alive when its lock changes while one waits, and as dead after its limit; who dies leaves a fresh
 * lock, so even without a time to wait a sign of life is awaited. A lock from the future was made before the clock was
 * put back: it gets a new limit. What a dead holder had begun ends before this does: its sessions find that they are
 * guarded by nobody's lock any more.
 */
function take({ root, run, by, purpose, wait, stale_after: limit }: DeployLockParams): Script {
  const holder = JSON.stringify({ run, by, purpose }).slice(1)
  return sh`
    mkdir -p ${`${root}/deploy`}
    ${enterNotes(root)}
    ${openGuard}
    ${awaitEnd}
    # says from which run it took the lock
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

/** Only what is this run's own. */
function giveBack({ root, run }: DeployLockParams): Script {
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

/** What its holder has begun on the host ends as well. */
function breakOpen({ root, run, by, reason }: DeployLockParams): Script {
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

/** One process at a time takes or removes the lock, so a lock that was just taken over from a dead run is not taken twice. */
function guarded(work: Script): Script {
  return sh`(
    asked=$(date +%s)
    until flock -n 9; do
      if [ $(($(date +%s) - asked)) -ge ${guardPatience} ]; then exit ${guardHeld}; fi
      sleep 0.2 2>/dev/null || sleep 1
    done
    ${work}
    ) 9>>guard
  `
}

/**
 * Whoever may read a file may lock it, so only its owner may. Earlier versions made it readable for everyone.
 * A process that opened it then may still hold it.
 */
const openGuard = sh`
  if [ -e guard ] && [ ! -f guard ]; then
    echo "$PWD/guard is not a regular file" >&2
    exit 1
  fi
  (umask 077 && : >>guard)
  chmod 0600 guard
  # those that have it open, each with its user; this process has not
  say_guard_holders() {
    stat -L -c '%d:%i:%n' guard /proc/[0-9]*/fd/* 2>/dev/null | sed -n '1{s/guard$//;h;};1!{G;s/^\\(.*:\\)\\/proc\\/\\([0-9]*\\)\\/fd\\/.*\\n\\1$/\\2/p;}' | sort -u |
      while read -r pid; do
        echo "pid $pid of $(stat -c %U "/proc/$pid" 2>/dev/null) ($(cat "/proc/$pid/comm" 2>/dev/null))"
      done
  }
`

/** The run that holds the lock; it may be given back at this very moment. */
const holderOf = sh`${lockText('lock')} | sed -n 's/^.*"run":"\\([^"]*\\)".*$/\\1/p'`

/** Daemons are not waited for longer than it takes to kill a process that does not want to end. */
const awaitEnd = sh`
  await_end() {
    waited=0
    while [ -n "$1" ] && [ "$waited" -lt 50 ] && grep -qsF ${`${environmentName}=`}"$1" /proc/[0-9]*/environ; do
      sleep 0.2 2>/dev/null || sleep 1
      waited=$((waited + 1))
    done
  }
`
