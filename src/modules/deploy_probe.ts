import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { curlOptions } from '../state/http/options.ts'
import type { HttpRequest } from '../state/http/value.ts'
import { attach, joinScripts, sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { absolutePath, integerParam, nameParam, stringList } from './definition/parameters.ts'
import { defineNewLines } from './deploy/application-log.ts'

const lineParam = nameParam.refine((text) => !/[\r\n\0]/.test(text), 'must be one line')

const request = z.strictObject({
  path: z.string().regex(/^\/\S*$/, 'must begin with / and contain no spaces'),
  status: z.union([integerParam.transform((status) => [status]), z.array(integerParam)]).default([200]),
  contains: lineParam.optional(),
})

const params = z
  .strictObject({
    url: z.string().regex(/^https?:\/\/[^/\s]+$/, 'expected e.g. http://127.0.0.1:8081, without a path'),
    host: lineParam.optional(),
    requests: z.array(request).min(1, 'needs at least one'),
    release: nameParam.optional(),
    times: integerParam.refine((times) => times > 0, 'must be at least 1').default(3),
    timeout: integerParam.default(30),
    request_timeout: integerParam.default(10),
    units: stringList.default([]),
    logs: z.array(absolutePath).default([]),
    logs_user: nameParam.optional(),
  })
  .refine(({ logs, logs_user: user }) => logs.length === 0 || user !== undefined, {
    message: 'is required with logs: the user that writes them',
    path: ['logs_user'],
  })

type DeployProbeParams = z.infer<typeof params>
type Request = DeployProbeParams['requests'][number]

/** The maximum bytes of a response. A longer one is a failure, so that it cannot fill the memory of the host. */
const longestResponse = 16 * 1024 * 1024

/** The exit code of a script that gave up. */
const timedOut = 75

export const deployProbe = defineModule({
  name: 'deploy_probe',
  summary: 'Sends requests to a site on the host until all of them succeed several times in a row.',
  documentation: () => ({
    parameters: {
      url: 'Address of the site on the host without a path, e.g. `http://127.0.0.1:8081`.',
      host: 'Name of the site, sent as the Host header.',
      requests:
        'Requests to send: each has a `path`, and may have a `status` (one or several, 200 by default) and a string that the response `contains`.',
      release: 'Release that every response must name in its header `X-Release`.',
      times: 'Number of times in a row that all requests must succeed.',
      timeout: 'Seconds after which the task fails.',
      request_timeout: 'Seconds to wait for one response.',
      units: 'Systemd units whose last journal lines are shown if the task fails.',
      logs: 'Absolute paths of log files whose last lines are shown if the task fails.',
      logs_user: 'User that writes the log files; they are read as this user. Required with `logs`.',
    },
    checkMode: 'Unknown: no request is sent.',
    example: (print) => `- name: Probe the candidate
  deploy_probe:
    url: http://127.0.0.1:8081
    host: shop.example.com
    requests:
      - path: /health
        contains: '"status":"ok"'
      - path: /login
    release: '${print('deploy_id')}'`,
  }),
  params,
  observes: true,
  reads: () => ({}),
  diff: (_state, { requests }): Change[] =>
    requests.map(({ path }) => ({
      field: path,
      before: null,
      after: 'responds as expected',
      transient: true,
    })),
  apply: (_changes, given): Step[] => [
    {
      script: probe(given),
      // the requests run the application
      writes: [{ type: 'scope', scope: 'services', until: 'the site is probed' }],
      timeLimit: given.timeout + given.requests.length * given.request_timeout + 60,
    },
  ],
  explain({ code, stdout }, given) {
    if (code !== timedOut) return undefined
    return new TaskFailure(
      `${given.url} did not respond as expected within ${given.timeout} seconds: ${stdout.trimEnd()}`,
    )
  },
})

/**
 * Sends all requests in each round. An unexpected response resets the count of good rounds to 0. Too few good rounds
 * within the timeout are a failure. Shows only the lines that the last round added to the logs.
 */
function probe(given: DeployProbeParams): Script {
  const { times, timeout } = given
  return sh`
    if ! command -v curl >/dev/null; then
      echo 'curl is not installed on the host' >&2
      exit 1
    fi
    cd "$FILES" || exit
    ${given.logs_user === undefined ? sh`` : defineNewLines(given.logs_user)}
    complain() {
      problem=$1
      return 1
    }
    ask() {
      rm -f body headers errors
      status=$(
        ulimit -f ${longestResponse / 512}
        trap '' XFSZ
        curl -q --config "$1" --output body --dump-header headers --write-out '%{http_code}' 2>errors
      ) || {
        if [ "$(stat -c %s body 2>/dev/null)" = ${longestResponse} ]; then
          complain "$2: the response is longer than "${longestResponse}' bytes'
        else
          complain "$2: $(cat errors)"
        fi
        return
      }
      case " $3 " in
        *" $status "*) ;;
        *) complain "$2: status $status, not $3"; return ;;
      esac
    }
    contains() { grep -Fqe "$1" body 2>/dev/null || complain "$2: the response does not contain '$1'"; }
    comes_from() {
      release=$(tr -d '\\r' <headers | sed -n 's/^[Xx]-[Rr][Ee][Ll][Ee][Aa][Ss][Ee]: *//p' | tail -n 1 | head -c 200)
      [ "$release" = "$1" ] || complain "$2: the response comes from release '$release', not '$1'"
    }
    round() {
      ${joinScripts(given.logs.map((log, index) => sh`log_size ${log} >${sizeOf(index)}`))}
      ${joinScripts(given.requests.map((one, index) => check(one, index, given)))}
    }
    # hundredths of a second since the boot, independent of the time of day
    clock() {
      read -r up _ </proc/uptime
      now=\${up%.*}\${up#*.}
    }
    clock
    patience=${100 * timeout}
    end=$((now + patience))
    row=0
    while :; do
      if round; then
        row=$((row + 1))
        if [ "$row" -ge ${times} ]; then exit; fi
        problem="it responded as expected only $row of "${times}' times'
      else
        row=0
      fi
      clock
      if [ "$now" -ge "$end" ]; then
        printf '%s\\n' "$problem"
        ${joinScripts(printDiagnostics(given))}
        exit ${timedOut}
      fi
      if [ "$row" = 0 ]; then sleep 0.2 2>/dev/null || sleep 1; fi
    done
  `
}

function check({ path, status, contains }: Request, index: number, given: DeployProbeParams): Script {
  const { url, host, release, request_timeout: timeout } = given
  const request: HttpRequest = {
    ...{ method: 'GET', url: `${url}${path}`, timeout },
    headers: host === undefined ? [] : [['Host', host]],
    // the request goes to the host itself, at any address
    ...{ followRedirects: false, validateCertificates: false, useProxy: false },
  }
  const options = attach(`request-${index}`, `${curlOptions(request, '').join('\n')}\n`)
  return joinScripts([
    sh`ask ${options} ${path} ${status.join(' ')} || return`,
    ...(contains === undefined ? [] : [sh`contains ${contains} ${path} || return`]),
    ...(release === undefined ? [] : [sh`comes_from ${release} ${path} || return`]),
  ])
}

function printDiagnostics({ units, logs }: DeployProbeParams): Script[] {
  return [
    sh`if [ -s body ]; then echo 'the last response:'; head -c 65536 body | tr -d '\\000'; echo; fi`,
    ...units.map(
      (name) => sh`
      printf 'the last lines of the journal of %s:\\n' ${name}
      since_start=$(systemctl show --property=InvocationID --value -- ${name} 2>/dev/null) || :
      if [ -n "$since_start" ]; then
        set -- "_SYSTEMD_INVOCATION_ID=$since_start" + "INVOCATION_ID=$since_start"
      else
        set -- --unit=${name}
      fi
      journalctl --no-pager --quiet --lines=20 --output=cat "$@" 2>&1 || :
    `,
    ),
    ...logs.map(
      (log, index) => sh`
      new=$(new_lines ${log} "$(cat ${sizeOf(index)})")
      if [ -n "$new" ]; then printf 'the last lines of %s:\\n%s\\n' ${log} "$new"; fi
    `,
    ),
  ]
}

/** Returns the name of the file that holds the size of a log before the round. */
function sizeOf(index: number): string {
  return `size-${index}`
}
