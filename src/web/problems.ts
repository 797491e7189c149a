/** What is wrong with a request, in one sentence; and what is wrong with us, in the log. */
import type { FastifyReply } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { TransientError, UserError } from '#core/errors.ts'
import type { Log } from '#engine/ports/world.ts'
import type { ZodApp } from './zod-app.ts'

/** As much as one request may hold. */
export const BODY_BYTES_MAX = 1024 * 1024

export function tellProblems(app: ZodApp, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    if (hasZodFastifySchemaValidationErrors(error)) {
      const [first] = error.validation
      return reply.code(400).send({ error: first === undefined ? 'The request is not valid.' : refusalOf(first) })
    }
    if (error instanceof UserError) return reply.code(400).send({ error: error.message })
    if (error instanceof TransientError)
      return reply.code(503).send({ error: `${request.method === 'GET' ? CANNOT_READ : CANNOT_DO} ${error.message}` })
    const { statusCode: status = 500, code = '', message } = error as Error & { statusCode?: number; code?: string }
    if (status < 500) return reply.code(status).send({ error: OF_THE_FRAMEWORK[code] ?? message })
    log.error({ url: request.url, error }, 'a request failed')
    return reply.code(500).send({ error: 'Orch has a bug here; its log says more.' })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'There is nothing at this address; / is the board, /openapi.json lists the rest.' }),
  )
}

const CANNOT_READ = 'Orch cannot read that now:'
/** A work item may be there though its task is not yet; and a commit may have been made though nobody heard of it. */
const CANNOT_DO = 'Orch could not finish that now, so look whether it was done before you repeat it:'

/** What Fastify refuses before any route is found. */
export const tellBadAddress = (_error: unknown, _request: unknown, reply: FastifyReply): void => {
  void reply.code(400).send({ error: 'The address cannot be read: write what is no letter or digit as %XX of UTF-8.' })
}

const OF_THE_FRAMEWORK: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The request is empty; send a JSON object.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The request is not JSON; send a JSON object.',
  FST_ERR_CTP_BODY_TOO_LARGE: `The request is larger than ${BODY_BYTES_MAX / 1024 / 1024} MiB; send less.`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The request is not declared as JSON; send it with content-type: application/json.',
}

interface Violation {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string | undefined
  readonly params: Record<string, unknown>
}

/** One thing that a schema says against a request, as a sentence about the field. */
export function refusalOf({ keyword, instancePath, message, params }: Violation): string {
  const path = instancePath.replace(/^\//, '').replaceAll('/', '.')
  const where = path === '' ? 'The request' : path
  const { expected, maximum, minimum, origin, values, keys } = params
  const bound = (limit: string) =>
    origin === 'string' ? `${where} must have ${limit} characters.` : `${where} must be ${limit}.`
  const [found] = /[^ ]+$/.exec(message ?? '') ?? []
  switch (keyword) {
    case 'invalid_type':
      if (found === 'undefined') return `${where} is missing; it must be ${KINDS[String(expected)] ?? expected}.`
      return `${where} must be ${KINDS[String(expected)] ?? expected}.`
    case 'too_big':
      return bound(`at most ${maximum}`)
    case 'too_small':
      return bound(`at least ${minimum}`)
    case 'invalid_value':
      return `${where} must be one of ${(values as readonly unknown[]).join(', ')}.`
    case 'unrecognized_keys':
      return `${where} has an unknown field ${JSON.stringify((keys as readonly string[])[0])}; leave it out.`
    default:
      return `${where}: ${message ?? 'is not valid'}.`
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'a JSON object',
  boolean: 'true or false',
}
