/** What an agent's run was given, and the breakers of the providers. */
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  'alter table orch.run add column agent jsonb',
  'create table orch.breaker (provider text primary key, state jsonb not null, updated_at bigint not null)',
  `create index run_of_agents_by_start on orch.run (started_at) where kind = 'agent' and started_at is not null`,
  `create trigger tell_breaker after insert or update on orch.breaker for each statement execute function orch.tell()`,
  // Tasks of before knew neither.
  `update orch.task set state = state || '{"allowances": 0, "agent": {"wish": {}, "once": null}}'::jsonb where not state ? 'agent'`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
