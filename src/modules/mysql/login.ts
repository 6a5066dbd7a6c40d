import { TaskFailure } from '../../errors.ts'
import { isMysqlProblem } from '../../state/mysql.ts'
import type { MysqlConnection } from '../../state/mysql/client.ts'
import type { MysqlProblem, MysqlServer } from '../../state/mysql/value.ts'
import { defined } from '../../text/defined.ts'
import { absolutePath, integerParam, nameParam, textParam } from '../definition/parameters.ts'

/** The parameters with which every MySQL module connects to its server. */
export const mysqlLoginParams = {
  login_user: nameParam.optional(),
  login_password: textParam.optional(),
  login_host: nameParam.optional(),
  login_port: integerParam.optional(),
  login_unix_socket: absolutePath.optional(),
  config_file: absolutePath.optional(),
}

export const mysqlLoginSentences = {
  login_user:
    'User to log in as; by default the one in the option files of the client, or the user of the task.',
  login_password: 'Password to log in with; it never appears in a process list.',
  login_host: 'Host of the server; by default the local socket is used.',
  login_port: 'Port of the server.',
  login_unix_socket: 'Absolute path of the socket of the server.',
  config_file:
    'Absolute path of an option file with login data, used if it exists and `login_password` is not given.',
} as const

export interface MysqlLoginParams {
  readonly login_user?: string | undefined
  readonly login_password?: string | undefined
  readonly login_host?: string | undefined
  readonly login_port?: number | undefined
  readonly login_unix_socket?: string | undefined
  readonly config_file?: string | undefined
}

export function mysqlConnection(params: MysqlLoginParams): MysqlConnection {
  return {
    ...defined({
      user: params.login_user,
      password: params.login_password,
      host: params.login_host,
      port: params.login_port,
      socket: params.login_unix_socket,
      configFile: params.config_file,
    }),
  }
}

const advice = {
  absent: 'install mariadb-client or mysql-client in an earlier task',
  down: 'start the server in an earlier task, or set login_host or login_unix_socket',
  refused: 'set become: true to log in by the local socket, or set login_user and login_password',
}

const problems = {
  absent: 'MySQL is not installed',
  down: 'the MySQL server does not answer',
  refused: 'the MySQL server refuses the login',
}

/** Throws if no server answered. */
export function requireServer<Found extends MysqlServer>(answer: Found | MysqlProblem): Found {
  if (!isMysqlProblem(answer)) return answer
  throw new TaskFailure(`${problems[answer.server]}: ${answer.error}`, { hint: advice[answer.server] })
}
