/** The built board: static files, and its page for every address of its own. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { UserError } from '#core/errors.ts'
import type { ZodApp } from './zod-app.ts'

const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

export async function boardRoutes(app: ZodApp, dir: string): Promise<void> {
  if (!existsSync(join(dir, 'index.html')))
    throw new UserError(
      `The board is not built in ${dir}; run \`npm run build:board\` in Orch's folder and start again.`,
    )
  await app.register(fastifyStatic, {
    root: dir,
    index: false,
    // Files carry their content's hash in their name.
    setHeaders: (reply, path) =>
      void reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
    schemaHide: true,
  })
  for (const page of ['/', '/tasks/:key', '/usage'])
    app.get(page, { schema: { hide: true } }, async (_request, reply) => sendPage(reply))
}

/** The board's one HTML page. */
export const sendPage = (reply: FastifyReply): FastifyReply =>
  reply.header('content-security-policy', CSP).header('cache-control', 'no-cache').sendFile('index.html')
