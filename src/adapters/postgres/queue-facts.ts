/** Everything `schedule` needs, in one statement over partial indexes: what has ended does not make it slower. */

import { sql } from 'kysely'
import type { QueueFacts } from '#core/schedule.ts'

export const QUEUE_FACTS = sql<{ facts: QueueFacts }>`
  select jsonb_build_object(
    'waiting', coalesce((
      select jsonb_agg(jsonb_build_object('task', id, 'repo', repo, 'number', number, 'priority', priority, 'next', next, 'blockers', '[]'::jsonb))
      from orch.task where stage = 'queued' and stage not in ('done', 'cancelled')), '[]'::jsonb),
    'lanes', coalesce((
      select jsonb_agg(jsonb_build_object('task', id, 'key', key, 'repo', repo))
      from orch.task where lane and stage not in ('done', 'cancelled')), '[]'::jsonb),
    'ready', coalesce((
      select jsonb_agg(jsonb_build_object('run', r.id, 'task', r.task, 'repo', r.repo, 'project', r.project, 'kind', r.kind, 'role', r.role,
        'notBefore', r.not_before, 'readyAt', r.ready_at, 'inWindow', t.window_open))
      from orch.run r join orch.task t on t.id = r.task where r.state = 'ready'), '[]'::jsonb),
    'live', coalesce((
      select jsonb_agg(jsonb_build_object('run', id, 'task', task, 'project', project, 'role', role))
      from orch.run where state in ('admitted', 'cancelling')), '[]'::jsonb),
    'frozen', coalesce((select jsonb_object_agg(repo, reason) from orch.freeze where lifted_at is null), '{}'::jsonb),
    'windows', coalesce((
      select jsonb_object_agg(repo, jsonb_build_object('task', id, 'key', key)) from orch.task where window_open), '{}'::jsonb),
    'breakers', coalesce((select jsonb_object_agg(provider, state) from orch.breaker), '{}'::jsonb)
  ) as facts`
