/**
 * pg-boss delivers admitted runs: lease, heartbeat, fenced settling, redelivery when a host dies, NOTIFY. These are the
 * only calls made of it; our own rules (lane, freeze, caps, order) are decided before a job exists.
 */

import { fromKysely, PgBoss } from 'pg-boss'
import { TransientError } from '#core/errors.ts'
import type { Claim, Queue } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import { asTransient, type Trx } from './database.ts'

const QUEUE = 'run'

/** What pg-boss answers and does not type: how many jobs the call touched. */
type Affected = { readonly affected?: number }

export interface QueueSettings {
  /** A worker silent for this long is taken for dead and its job delivered again; seconds, at least 10. */
  readonly heartbeatSeconds: number
  /** How often that is looked for. */
  readonly monitorSeconds: number
}

/** Calls that belong to a transaction of the store. */
export interface QueueCalls {
  send(trx: Trx, job: { readonly job: string; readonly run: string }): Promise<void>
  complete(trx: Trx, claim: Claim): Promise<boolean>
  cancel(trx: Trx, job: string): Promise<void>
}

export interface PgBossQueue extends Queue, QueueCalls {
  start(): Promise<void>
  close(): Promise<void>
}

export function createQueue(
  url: string,
  settings: QueueSettings,
  { log, host }: { log: Log; host: string },
): PgBossQueue {
  const boss = new PgBoss({
    connectionString: url,
    max: 6,
    connectionTimeoutMillis: 5_000,
    instanceName: host,
    useListenNotify: true,
    superviseIntervalSeconds: settings.monitorSeconds,
    monitorIntervalSeconds: settings.monitorSeconds,
  })
  boss.on('error', (error) =>
    log.warn({ error: error instanceof Error ? error.message : error }, 'the queue reports an error'),
  )
  boss.on('warning', (warning) => log.debug({ warning }, 'the queue warns'))

  return {
    async start() {
      await boss.start().catch((thrown) => {
        throw asTransient(thrown)
      })
      await boss.createQueue(QUEUE, {
        notify: true,
        policy: 'standard',
        heartbeatSeconds: settings.heartbeatSeconds,
        // Longer than any run: runs have time-outs of their own, and a dead host is seen by its heartbeat.
        expireInSeconds: 23 * 60 * 60,
        // A redelivery closes the run as lost and never repeats it: it is a message, not a try.
        retryLimit: 1_000,
        retryDelay: 0,
      })
    },

    async send(trx, { job, run }) {
      const id = await boss.send(QUEUE, { run }, { id: job, db: fromKysely(trx) })
      if (id === null) throw new Error(`the queue refused job ${job} of run ${run}`)
    },

    async complete(trx, claim) {
      const attempt = { id: claim.job, retryCount: claim.delivery }
      const { affected } = (await boss.complete(QUEUE, attempt, null, { db: fromKysely(trx) })) as Affected
      return affected === 1
    },

    async cancel(trx, job) {
      await boss.cancel(QUEUE, job, { db: fromKysely(trx) })
    },

    async touch(claim) {
      try {
        const { affected } = (await boss.touch(QUEUE, { id: claim.job, retryCount: claim.delivery })) as Affected
        return affected === 1
      } catch (thrown) {
        throw thrown instanceof Error ? new TransientError(thrown.message, { cause: thrown }) : thrown
      }
    },

    async work(slots, handle) {
      const options = {
        localConcurrency: slots,
        batchSize: 1,
        includeMetadata: true,
        pollingIntervalSeconds: 1,
        notifyPollingIntervalSeconds: 2,
        heartbeatRefreshSeconds: Math.max(2, Math.floor(settings.heartbeatSeconds / 4)),
      } as const
      await boss.work<{ run: string }, void, typeof options>(QUEUE, options, async (jobs) => {
        for (const job of jobs) await handle({ run: job.data.run, job: job.id, delivery: job.retryCount }, job.signal)
      })
    },

    async stop() {
      await boss.offWork(QUEUE, { wait: true })
    },

    async close() {
      await boss.stop({ graceful: false, close: true })
    },
  }
}
