/** Tasks: list, show, create, and the orders of people. */
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { AgentWish } from '#core/agent-choice.ts'
import { sentenceOf, UserError } from '#core/errors.ts'
import { schedule } from '#core/schedule.ts'
import type { TaskDetail, TaskSummary } from '#core/view.ts'
import { STAGES } from '#core/words.ts'
import { create, type Order, type Ordered, order } from '#engine/orders.ts'
import type { TaskRow } from '#engine/ports/store.ts'
import { agentWish, createdWish, isEmptyWish } from './agent-wish.ts'
import type { WebDeps } from './app.ts'
import { detailOf, summaryOf, type Waits } from './views.ts'
import type { ZodApp } from './zod-app.ts'

const PAGE = 100
const STORY = 2_000
const requestId = z.string().min(8).max(100)
const text = z.string().trim().min(1).max(20_000)

const ORDERS = {
  approve: z.strictObject({ requestId, subject: z.string().max(200).optional() }),
  rework: z.strictObject({ requestId, why: text, to: z.enum(STAGES).optional() }),
  answer: z.strictObject({ requestId, text }),
  retry: z.strictObject({ requestId, ...agentWish }),
  agent: z.strictObject({ requestId, ...agentWish }),
  stop: z.strictObject({ requestId }),
  next: z.strictObject({ requestId }),
} as const

export function taskRoutes(app: ZodApp, deps: WebDeps): void {
  const { reads } = deps.store
  const waitsNow = async (): Promise<Waits> =>
    schedule(await reads.queueFacts(), deps.scheduleRules(), deps.now()).waits
  const openEffects = async (row: TaskRow): Promise<number> => {
    if (row.task.phase.is !== 'final') return 0
    const counts = await reads.effectCounts(row.task.id)
    return counts.pending + counts.started
  }
  const summary = async (row: TaskRow, waits: Waits): Promise<TaskSummary> =>
    summaryOf(row, waits, await openEffects(row), deps.guards().stop)

  app.get(
    '/api/tasks',
    {
      schema: {
        querystring: z.object({
          project: z.string().optional(),
          state: z.enum(['open', 'all']).default('all'),
          limit: z.coerce.number().int().min(1).max(500).default(PAGE),
          before: z.string().optional(),
        }),
      },
    },
    async (request) => {
      const { project, state, limit, before } = request.query
      const rows = await reads.tasks({
        limit,
        open: state === 'open',
        ...(project === undefined ? {} : { project }),
        ...(before === undefined ? {} : { before: cursorOf(before) }),
      })
      const waits = await waitsNow()
      const last = rows.length === limit ? rows.at(-1) : undefined
      return {
        tasks: await Promise.all(rows.map((row) => summary(row, waits))),
        next: last ? `${last.updatedAt}-${last.task.id}` : null,
      }
    },
  )

  app.post(
    '/api/tasks',
    {
      schema: {
        body: z.strictObject({
          project: z.string(),
          title: z.string().max(100_000),
          description: z.string().max(200_000).default(''),
          priority: z.number().int().min(0).max(4).default(0),
          agent: createdWish.optional(),
          requestId,
        }),
      },
    },
    async (request, reply) => {
      const { project, title, description, priority, agent, requestId: id } = request.body
      if (!deps.me().projects.some((known) => known.id === project))
        return reply.code(400).send({
          error: `There is no project ${JSON.stringify(project.slice(0, 60))}; the configuration has ${
            deps
              .me()
              .projects.map(({ id: name }) => name)
              .join(', ') || 'none'
          }.`,
        })
      const key = await create(deps.intake, project, { title, description, priority }, deps.access.person, id)
      const row = await reads.taskByKey(key)
      if (row === null) return reply.code(404).send({ error: `Task ${key} is gone.` })
      if (agent !== undefined && !isEmptyWish(agent)) {
        const set = await give(row, { is: 'agent', wish: agent }, id)
        if (!set.done) return reply.code(409).send({ error: set.sentence })
      }
      deps.ring()
      return reply.code(201).send(await summary((await reads.taskRow(row.task.id)) ?? row, await waitsNow()))
    },
  )

  app.get('/api/tasks/:key', { schema: { params: z.object({ key: z.string() }) } }, async (request, reply) => {
    const row = await reads.taskByKey(request.params.key)
    return row === null ? unknown(reply, request.params.key) : reply.send(await detail(row))
  })

  for (const is of Object.keys(ORDERS) as (keyof typeof ORDERS)[]) {
    app.post(
      `/api/tasks/:key/${is}`,
      { schema: { params: z.object({ key: z.string() }), body: ORDERS[is] } },
      async (request, reply) => {
        const row = await reads.taskByKey(request.params.key)
        if (row === null) return unknown(reply, request.params.key)
        const { requestId: id, ...rest } = request.body
        const answer = await give(row, orderOf(is, rest), id)
        if (!answer.done) return reply.code(409).send({ error: answer.sentence })
        deps.ring()
        return reply.send(await summary((await reads.taskRow(row.task.id)) ?? row, await waitsNow()))
      },
    )
  }

  const give = (row: TaskRow, wanted: Order, id: string): Promise<Ordered> =>
    order(deps.intake, row.task.id, deps.access.person, wanted, id)

  async function detail(row: TaskRow): Promise<TaskDetail> {
    const { task } = row
    const [waits, effects, runs, story] = await Promise.all([
      waitsNow(),
      openEffects(row),
      reads.runs(task.id),
      reads.story(task.id, STORY),
    ])
    return detailOf({
      row,
      waits,
      openEffects: effects,
      runs,
      story,
      policy: deps.policyOf(task.project),
      now: deps.now(),
    })
  }
}

/** @throws {UserError} for an order that says nothing. */
function orderOf(is: keyof typeof ORDERS, body: object): Order {
  if (is !== 'retry' && is !== 'agent') return { is, ...body } as Order
  const wish: AgentWish = body
  if (is === 'retry') return isEmptyWish(wish) ? { is } : { is, wish }
  if (isEmptyWish(wish))
    throw new UserError('Say model, effort or fallback; an empty text takes back what was set for the task.')
  return { is, wish }
}

const unknown = (reply: FastifyReply, key: string) =>
  reply
    .code(404)
    .send({ error: `There is no task ${JSON.stringify(key.slice(0, 60))}; \`orch task list\` shows those there are.` })

function cursorOf(text: string): { updatedAt: number; id: number } {
  const [updatedAt, id] = text.split('-').map(Number)
  if (!Number.isSafeInteger(updatedAt) || !Number.isSafeInteger(id))
    throw Object.assign(new Error(`before: ${sentenceOf(text).slice(0, 40)} is not a cursor of this list.`), {
      statusCode: 400,
    })
  return { updatedAt: updatedAt as number, id: id as number }
}
