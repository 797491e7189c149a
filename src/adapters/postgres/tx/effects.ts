/** The outbox, inside a transaction. */

import { sql } from 'kysely'
import type { Effect } from '#core/model.ts'
import type { EffectRow, Tx } from '#engine/ports/store.ts'
import { clean, json, type Trx } from '../database.ts'

type Part = Pick<Tx, 'addEffects' | 'dropEffects' | 'claimEffect' | 'releaseEffect' | 'settleEffect' | 'hasLaterStatus'>

export const effectPart = (trx: Trx): Part => ({
  async addEffects(task, effects, at) {
    for (const effect of effects) {
      await trx
        .insertInto('orch.effect')
        .values({
          task,
          key: effect.key,
          effect: json(effect),
          type: effect.type,
          state: 'pending',
          tries: 0,
          not_before: at,
          claimed_until: 0,
          created_at: at,
        })
        .onConflict((on) => on.column('key').doNothing())
        .execute()
    }
  },

  async dropEffects(task, at) {
    await trx
      .updateTable('orch.effect')
      .set({ state: 'skipped', sentence: 'the task was stopped', ended_at: at })
      .where('task', '=', task)
      .where('state', '=', 'pending')
      .execute()
  },

  /** Only the head of each task's line may go out; a later one waits, also while the head waits for its next try. */
  async claimEffect({ by, now, until, task }) {
    const { rows } = await sql<{ id: number; task: number; effect: Effect; tries: number; not_before: number }>`
      update orch.effect set state = 'started', tries = tries + 1, claimed_until = ${until}, claimed_by = ${json(by)}::jsonb, started_at = coalesce(started_at, ${now})
      where id = (
        select e.id from orch.effect e
        where e.state in ('pending', 'started') and e.not_before <= ${now} and e.claimed_until <= ${now}
          and (${task ?? null}::bigint is null or e.task = ${task ?? null}::bigint)
          and not exists (select 1 from orch.effect h where h.task = e.task and h.id < e.id and h.state in ('pending', 'started'))
        order by e.id limit 1 for update skip locked)
      returning id, task, effect, tries, not_before`.execute(trx)
    const row = rows[0]
    return row
      ? ({
          id: row.id,
          task: row.task,
          effect: row.effect,
          state: 'started',
          tries: row.tries - 1,
          notBefore: row.not_before,
          sentence: null,
        } satisfies EffectRow)
      : null
  },

  async releaseEffect(id, by) {
    await sql`update orch.effect set claimed_until = 0, claimed_by = null where id = ${id} and claimed_by = ${json(by)}::jsonb`.execute(
      trx,
    )
  },

  async settleEffect({ id, tries }, { state, sentence, notBefore, at }) {
    const result = await trx
      .updateTable('orch.effect')
      .set({
        state,
        sentence: sentence === null ? null : clean(sentence),
        not_before: notBefore,
        claimed_until: 0,
        claimed_by: null,
        ended_at: state === 'pending' ? null : at,
      })
      .where('id', '=', id)
      .where('state', '=', 'started')
      // The claim's number: each claim counts one up.
      .where('tries', '=', tries + 1)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  },

  async hasLaterStatus(row) {
    const later = await trx
      .selectFrom('orch.effect')
      .select('id')
      .where('task', '=', row.task)
      .where('type', '=', 'show-status')
      .where('id', '>', row.id)
      .limit(1)
      .executeTakeFirst()
    return later !== undefined
  },
})
