/** The log of a run, line by line, as it grows, or as far as it is. */
import { z } from 'zod'
import type { WebDeps } from './app.ts'
import { openStream } from './sse.ts'
import type { ZodApp } from './zod-app.ts'

const OPEN = ['ready', 'admitted', 'cancelling']
const LOOK_MS = 300

/**
 * Events: `line` each, then `end` when the run has ended and all is told. With `follow=0` a run that goes on ends the
 * stream with `so-far` instead. A stream that ends with neither was cut off. With `raw=1` the lines are those of the
 * agent's own stream, as it gave them.
 */
export function logRoutes(app: ZodApp, { store, runLogs, intake: { clock } }: WebDeps): void {
  const params = z.object({ id: z.string() })
  const querystring = z.object({ follow: z.enum(['0', '1']).default('1'), raw: z.enum(['0', '1']).default('0') })
  app.get('/api/runs/:id/log', { schema: { params, querystring } }, async (request, reply) => {
    const { id } = request.params
    const isFollowed = request.query.follow === '1'
    const file = request.query.raw === '1' ? 'raw' : 'told'
    const run = await store.reads.runById(id)
    if (run === null)
      return reply
        .code(404)
        .send({ error: `There is no run ${JSON.stringify(id.slice(0, 40))}; \`orch task show\` lists a task's runs.` })
    const stream = openStream(request, reply)
    const gone = new AbortController()
    stream.onClose(() => gone.abort())
    let offset = 0
    while (!stream.isClosed()) {
      // Read before the lines: what a run that has ended wrote is all there.
      const state = (await store.reads.runById(id))?.state ?? 'lost'
      const page = await runLogs.read(id, offset, file)
      const lines = page === null || page.text === '' ? [] : page.text.replace(/\n$/, '').split('\n')
      for (const line of lines) stream.send('line', line)
      offset = page?.next ?? offset
      if (lines.length > 0) continue
      const isOpen = OPEN.includes(state)
      if (!isOpen || !isFollowed) {
        stream.send(isOpen ? 'so-far' : 'end', { state })
        stream.close()
        break
      }
      await clock.sleep(LOOK_MS, gone.signal)
    }
    return reply
  })
}
