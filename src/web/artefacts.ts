/** The documents of a task, as plain text: what a person reads before approving. */

import { z } from 'zod'
import { headOf } from '#core/evidence.ts'
import { artefactPath } from '#core/prompt.ts'
import { ARTEFACTS, type ArtefactName } from '#core/words.ts'
import type { WebDeps } from './app.ts'
import type { ZodApp } from './zod-app.ts'

const names = Object.keys(ARTEFACTS) as [ArtefactName, ...ArtefactName[]]

export function artefactRoutes(app: ZodApp, { store: { reads }, readFile }: WebDeps): void {
  app.get(
    '/api/tasks/:key/artefacts/:name',
    { schema: { params: z.object({ key: z.string(), name: z.enum(names) }) } },
    async (request, reply) => {
      const { key, name } = request.params
      const row = await reads.taskByKey(key)
      const text = row === null ? null : await textOf(row.task)
      if (text === null)
        return reply
          .code(404)
          .send({ error: `${JSON.stringify(key.slice(0, 60))} has no document ${ARTEFACTS[name]}.` })
      return reply.type('text/plain; charset=utf-8').send(text)

      /** In the repository at the task's head, or kept with the newest run that wrote it. */
      async function textOf(task: NonNullable<typeof row>['task']): Promise<string | null> {
        const runs = await reads.runs(task.id)
        const kept = runs.findLast((run) => run.artefact === name && run.report !== null)?.report
        const head = headOf(task)
        return kept ?? (head === null ? null : readFile(task.repo, head, artefactPath(task, name)))
      }
    },
  )
}
