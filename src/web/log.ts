/** The log of a run, line by line, as it grows. */
import { z } from 'zod'
import type { WebDeps } from './app.ts'
import { openStream } from './sse.ts'
import type { ZodApp } from './zod-app.ts'

const OPEN = ['ready', 'admitted', 'cancelling']
const LOOK_MS = 300

export function logRoutes(app: ZodApp, { store, runLogs, intake: { clock } }: WebDeps): void {
  app.get('/api/runs/:id/log', { schema: { params: z.object({ id: z.string() }) } }, async (request, reply) => {
    const { id } = request.params
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
      const state = (await store.reads.runById(id))?.state ?? 'lost'
      const page = await runLogs.read(id, offset)
      const lines = page === null || page.text === '' ? [] : page.text.replace(/\n$/, '').split('\n')
      for (const line of lines) stream.send('line', line)
      offset = page?.next ?? offset
      if (lines.length > 0) continue
      if (!OPEN.includes(state)) {
        stream.send('end', { state })
        stream.close()
        break
      }
      await clock.sleep(LOOK_MS, gone.signal)
    }
    return reply
  })
}
