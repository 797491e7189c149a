/** The inbox, cursors, deadlines, breakers and freezes, inside a transaction. */
import type { Breaker } from '#core/breaker.ts'
import type { Tx } from '#engine/ports/store.ts'
import { clean, json, type Trx } from '../database.ts'

type Part = Pick<
  Tx,
  | 'receive'
  | 'inboxMessage'
  | 'settleMessage'
  | 'postponeMessage'
  | 'answerOf'
  | 'settleAnswer'
  | 'cursor'
  | 'setCursor'
  | 'setDeadline'
  | 'clearDeadline'
  | 'breaker'
  | 'setBreaker'
  | 'freezeOf'
  | 'freeze'
>

export const inboxPart = (trx: Trx): Part => ({
  async receive({ source, key, body }, at) {
    const row = await trx
      .insertInto('orch.inbox')
      .values({ source, key: clean(key), body: json(body), received_at: at, tries: 0, not_before: at })
      .onConflict((on) => on.columns(['source', 'key']).doNothing())
      .returning('id')
      .executeTakeFirst()
    return row ? 'new' : 'known'
  },

  async inboxMessage(id) {
    const row = await trx
      .selectFrom('orch.inbox')
      .selectAll()
      .where('id', '=', id)
      .where('applied_at', 'is', null)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    return row
      ? { id: row.id, source: row.source, key: row.key, body: row.body, receivedAt: row.received_at, tries: row.tries }
      : null
  },

  async settleMessage(id, outcome, at) {
    await trx
      .updateTable('orch.inbox')
      .set({ applied_at: at, outcome: clean(outcome) })
      .where('id', '=', id)
      .execute()
  },

  async postponeMessage(id, notBefore) {
    await trx
      .updateTable('orch.inbox')
      .set((e) => ({ not_before: notBefore, tries: e('tries', '+', 1) }))
      .where('id', '=', id)
      .execute()
  },

  async answerOf(source, key) {
    const row = await trx
      .selectFrom('orch.inbox')
      .select('outcome')
      .where('source', '=', source)
      .where('key', '=', clean(key))
      .executeTakeFirst()
    return row?.outcome ?? null
  },

  async settleAnswer(source, key, answer, at) {
    await trx
      .updateTable('orch.inbox')
      .set({ applied_at: at, outcome: clean(answer) })
      .where('source', '=', source)
      .where('key', '=', clean(key))
      .execute()
  },

  async cursor(name) {
    const row = await trx.selectFrom('orch.cursor').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  },

  async setCursor(name, value) {
    await trx
      .insertInto('orch.cursor')
      .values({ name, value })
      .onConflict((on) => on.column('name').doUpdateSet({ value }))
      .execute()
  },

  async setDeadline({ task, name, visit, due }) {
    await trx
      .insertInto('orch.deadline')
      .values({ task, name, visit, due })
      .onConflict((on) => on.columns(['task', 'name', 'visit']).doUpdateSet({ due }))
      .execute()
  },

  async clearDeadline({ task, name, visit }) {
    await trx
      .deleteFrom('orch.deadline')
      .where('task', '=', task)
      .where('name', '=', name)
      .where('visit', '=', visit)
      .execute()
  },

  async breaker(provider) {
    const row = await trx
      .selectFrom('orch.breaker')
      .select('state')
      .where('provider', '=', provider)
      .forUpdate()
      .executeTakeFirst()
    return (row?.state as Breaker | undefined) ?? null
  },

  async setBreaker(provider, breaker, at) {
    const change = { state: json(breaker), updated_at: at }
    await trx
      .insertInto('orch.breaker')
      .values({ provider, ...change })
      .onConflict((on) => on.column('provider').doUpdateSet(change))
      .execute()
  },

  async freezeOf(repo) {
    const row = await trx
      .selectFrom('orch.freeze')
      .select('reason')
      .where('repo', '=', repo)
      .where('lifted_at', 'is', null)
      .executeTakeFirst()
    return row ?? null
  },

  async freeze(repo, by, reason, at) {
    await trx
      .insertInto('orch.freeze')
      .values({ repo, author: by, reason: clean(reason), at })
      .onConflict((on) => on.doNothing())
      .execute()
  },
})
