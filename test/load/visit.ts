import { request, type Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'

import { Failure } from './failure.ts'
import type { Place, Releases } from './releases.ts'

export interface Question {
  readonly path: string
  /** The data to post; without it, the request is a GET. */
  readonly form?: string
}

export interface Site {
  readonly address: string
  readonly port: number
  readonly host: string
  /** Seconds. */
  readonly patience: number
}

interface Answer {
  readonly status: number
  readonly release: string | undefined
  readonly body: string
  readonly socket: Socket
}

/** The version as every page of the site shows it; the page of a form shows the posted data after it. */
const marker = /\bversion=([\w.-]+);/

const connections = new WeakMap<Socket, Place>()

/** Sends one request, without a retry. Returns the release that answered, or throws a failure. */
export async function visit(
  site: Site,
  question: Question,
  agent: Agent,
  releases: Releases,
): Promise<string> {
  const { floor } = releases
  const { status, release, body, socket } = await ask(site, question, agent)
  if (status >= 400) throw new Failure('status', `status ${status}${excerpt(body)}`)
  if (release === undefined) throw new Failure('foreign release', `no release in the header${excerpt(body)}`)
  const connection = connections.get(socket) ?? { step: 0 }
  connections.set(socket, connection)
  const version = releases.advance(connection, floor, release)
  const shown = marker.exec(body)?.[1]
  if (shown === undefined) throw new Failure('body', `no version in the body${excerpt(body)}`)
  if (shown !== version) throw new Failure('mixed release', `version ${shown} from release ${release}`)
  if (question.form !== undefined && !body.endsWith(question.form)) {
    throw new Failure('body', `not what was posted${excerpt(body)}`)
  }
  return release
}

/** A request that fails on an idle connection counts too: browsers would retry it, other clients would not. */
async function ask(site: Site, { path, form }: Question, agent: Agent): Promise<Answer> {
  const late = new AbortController()
  const asking = request({
    agent,
    signal: late.signal,
    host: site.address,
    port: site.port,
    method: form === undefined ? 'GET' : 'POST',
    path,
    headers: {
      Host: site.host,
      ...(form === undefined
        ? {}
        : { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(form) }),
    },
  })
  const alarm = setTimeout(() => {
    late.abort()
  }, site.patience * 1000)
  try {
    const response = await responseTo(asking, form)
    const { socket, statusCode = 0, headers } = response
    const release = headers['x-release']
    return { socket, status: statusCode, release: release?.toString(), body: await text(response) }
  } catch (error) {
    if (late.signal.aborted) throw new Failure('timeout', `no answer within ${site.patience} s`)
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('connection', `${reason}${asking.reusedSocket ? ' on a connection used before' : ''}`)
  } finally {
    clearTimeout(alarm)
  }
}

function responseTo(asking: ClientRequest, form: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // an error can still occur after the response
    asking.on('error', reject).once('response', resolve).end(form)
  })
}

function excerpt(body: string): string {
  const line = body.trim().replaceAll(/\s+/g, ' ')
  return line === '' ? '' : `: ${line.slice(0, 80)}`
}
