/** Routes, put together. Returns the app without listening, so that tests can call it directly. */
import cookie from '@fastify/cookie'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { Policy } from '#core/policy.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { MeView } from '#core/view.ts'
import type { Millis, Sha } from '#core/words.ts'
import type { IntakeDeps } from '#engine/intake.ts'
import type { RunLogs } from '#engine/ports/run-logs.ts'
import type { Store } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import { artefactRoutes } from './artefacts.ts'
import { type Access, createSessions, isOwnHost, isSameOrigin, permissionOf, type Sessions } from './auth.ts'
import { boardRoutes } from './board.ts'
import { type Changes, eventRoutes } from './events.ts'
import { acceptJson } from './json-body.ts'
import { logRoutes } from './log.ts'
import { BODY_BYTES_MAX, tellBadAddress, tellProblems } from './problems.ts'
import { statusRoutes } from './status.ts'
import { taskRoutes } from './tasks.ts'
import { usageRoutes } from './usage.ts'

/** What can be switched off and shows on pages. */
export interface Guards {
  readonly serialGate: boolean
  readonly stop: boolean
}

export interface WebDeps {
  readonly store: Store
  readonly intake: IntakeDeps
  readonly runLogs: RunLogs
  readonly changes: Changes
  /** Also of a project that is configured no more, whose ended tasks are still shown. */
  readonly policyOf: (project: string) => Policy
  readonly scheduleRules: () => ScheduleRules
  readonly guards: () => Guards
  readonly access: Access
  readonly me: () => Omit<MeView, 'canWrite' | 'name'>
  /** A document at a commit; null where there is none. */
  readonly readFile: (repo: string, sha: Sha, path: string) => Promise<string | null>
  /** Folder of the built board. */
  readonly boardDir: string
  readonly host: string
  readonly now: () => Millis
  readonly log: Log
  /** Ready to work: database reached, loops running. */
  readonly isReady: () => Promise<boolean>
  /** Something was done that the loops should look at. */
  readonly ring: () => void
}

export type App = FastifyInstance

export interface Web {
  readonly app: App
  readonly sessions: Sessions
}

export async function createWeb(deps: WebDeps): Promise<Web> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    frameworkErrors: tellBadAddress,
    requestTimeout: 15_000,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  const sessions = createSessions(deps.access.token)
  await app.register(cookie)
  await app.register(swagger, {
    openapi: { info: { title: 'Orch', version: deps.me().version } },
    transform: jsonSchemaTransform,
  })

  app.addHook('onRequest', async (request, reply) => {
    if (!isOwnHost(request.headers.host, deps.host))
      return reply.code(403).send({ error: 'This name is not one of Orch’s; use the address that `orch up` printed.' })
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead || request.url === '/api/session') return
    const permission = permissionOf(request, deps.access, sessions)
    if (permission === null)
      return reply
        .code(401)
        .send({ error: 'Writing needs the token; use the CLI, or open the link that `orch board` prints.' })
    if (permission === 'cookie' && !isSameOrigin(request))
      return reply.code(403).send({ error: 'This request comes from another page than Orch’s own and was refused.' })
  })

  tellProblems(app, deps.log)
  acceptJson(app)

  statusRoutes(app, deps, sessions)
  taskRoutes(app, deps)
  artefactRoutes(app, deps)
  logRoutes(app, deps)
  usageRoutes(app, deps)
  eventRoutes(app, deps)
  await boardRoutes(app, deps.boardDir)
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  return { app: app as unknown as App, sessions }
}
