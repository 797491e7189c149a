/** Health, readiness, the queue, who am I, and the login. */
import { z } from 'zod'
import type { WebDeps } from './app.ts'
import { COOKIE, permissionOf, type Sessions } from './auth.ts'
import { sendPage } from './board.ts'
import { queueView } from './queue-view.ts'
import type { ZodApp } from './zod-app.ts'

export function statusRoutes(app: ZodApp, deps: WebDeps, sessions: Sessions): void {
  app.get('/health', async () => ({ ok: true }))

  app.get('/ready', async (_request, reply) => {
    const ready = await deps.isReady().catch(() => false)
    return reply.code(ready ? 200 : 503).send({ ready })
  })

  /** A person's browser gets the page of the same name, which asks again for the facts. */
  app.get('/queue', async (request, reply) => {
    reply.header('vary', 'accept')
    const isPage = /^text\/html/.test(request.headers.accept ?? '')
    return isPage
      ? sendPage(reply)
      : queueView(deps.store.reads, deps.scheduleRules(), deps.guards().serialGate, deps.now())
  })

  app.get('/api/me', async (request) => {
    const canWrite = permissionOf(request, deps.access, sessions) !== null
    return { ...deps.me(), canWrite, name: canWrite ? deps.access.person : null }
  })

  app.post(
    '/api/session',
    { schema: { body: z.strictObject({ code: z.string().min(1).max(200) }) } },
    async (request, reply) => {
      const secret = sessions.exchange(request.body.code, deps.now())
      if (secret === null)
        return reply.code(401).send({ error: 'This login link was used or is too old; `orch board` prints a new one.' })
      return reply
        .setCookie(COOKIE, secret, { httpOnly: true, sameSite: 'strict', path: '/', maxAge: 30 * 24 * 3600 })
        .code(204)
        .send()
    },
  )

  /** The CLI asks for a link to open the board with; needs the token like every write. */
  app.post('/api/login-codes', async () => ({ code: sessions.issueCode(deps.now()) }))
}
