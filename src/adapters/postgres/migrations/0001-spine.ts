/** The spine's tables, and the backstops that make a bug in the code an error instead of a broken promise. */
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table orch.repo (id text primary key, last_number integer not null default 0, fence bigint not null default 0)`,

  `create table orch.task (
    id bigint generated always as identity primary key,
    project text not null,
    repo text not null references orch.repo,
    number integer not null,
    key text not null unique,
    item_id text not null,
    item_key text not null,
    round integer not null,
    title text not null,
    stage text not null,
    phase text not null,
    lane boolean not null,
    window_open boolean not null,
    priority smallint not null,
    next boolean not null default false,
    state jsonb not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (repo, number),
    unique (project, item_id, round)
  )`,
  `create unique index one_open_task_per_item on orch.task (project, item_id) where stage not in ('done', 'cancelled')`,
  `create unique index one_window_per_repository on orch.task (repo) where window_open`,
  `create index task_open on orch.task (repo, number) where stage not in ('done', 'cancelled')`,
  `create index task_recent on orch.task (updated_at desc, id desc)`,

  `create table orch.run (
    id text primary key,
    task bigint not null references orch.task,
    repo text not null,
    project text not null,
    stage text not null,
    kind text not null,
    role text,
    target text,
    artefact text,
    state text not null check (state in ('ready', 'admitted', 'cancelling', 'done', 'failed', 'lost', 'cancelled')),
    ready_at bigint not null,
    not_before bigint not null,
    job uuid unique,
    host jsonb,
    started_at bigint,
    ended_at bigint,
    sentence text,
    usage jsonb,
    facts jsonb,
    report text
  )`,
  `create unique index one_live_run_per_task on orch.run (task) where state in ('admitted', 'cancelling')`,
  `create unique index one_ready_run_per_task on orch.run (task) where state = 'ready'`,
  `create index run_of_task on orch.run (task, ready_at)`,
  `create index run_open on orch.run (state) where state in ('ready', 'admitted', 'cancelling')`,

  `create table orch.log (id bigint generated always as identity primary key, task bigint not null references orch.task, at bigint not null, story jsonb not null)`,
  `create index log_of_task on orch.log (task, id)`,

  `create table orch.effect (
    id bigint generated always as identity primary key,
    task bigint not null references orch.task,
    key text not null unique,
    effect jsonb not null,
    type text not null,
    state text not null check (state in ('pending', 'started', 'done', 'failed', 'skipped')),
    tries integer not null default 0,
    not_before bigint not null,
    claimed_until bigint not null default 0,
    claimed_by jsonb,
    sentence text,
    created_at bigint not null,
    started_at bigint,
    ended_at bigint
  )`,
  `create index effect_open on orch.effect (task, id) where state in ('pending', 'started')`,

  `create table orch.inbox (
    id bigint generated always as identity primary key,
    source text not null,
    key text not null,
    body jsonb not null,
    received_at bigint not null,
    tries integer not null default 0,
    not_before bigint not null default 0,
    applied_at bigint,
    outcome text,
    unique (source, key)
  )`,
  `create index inbox_due on orch.inbox (id) where applied_at is null`,

  `create table orch.cursor (name text primary key, value text)`,
  `create table orch.deadline (task bigint not null references orch.task, name text not null, visit integer not null, due bigint not null, primary key (task, name, visit))`,
  `create table orch.freeze (
    id bigint generated always as identity primary key,
    repo text not null,
    reason text not null,
    author text not null,
    at bigint not null,
    until bigint,
    lifted_at bigint
  )`,
  `create unique index one_freeze_per_repository on orch.freeze (repo) where lifted_at is null`,
  `create table orch.release (
    id bigint generated always as identity primary key,
    task bigint not null references orch.task,
    project text not null,
    repo text not null,
    sha text not null,
    deployed_at bigint not null,
    verdict text,
    judged_at bigint,
    unique (task, sha)
  )`,

  `create function orch.task_keeps_its_promises() returns trigger language plpgsql as $$
  begin
    if old.stage in ('done', 'cancelled') and new.stage <> old.stage then
      raise exception 'task % is % for good and cannot become %', old.key, old.stage, new.stage using errcode = 'check_violation';
    end if;
    if old.stage <> 'queued' and new.stage = 'queued' then
      raise exception 'task % was let in and cannot be queued again', old.key using errcode = 'check_violation';
    end if;
    return new;
  end $$`,
  `create trigger task_keeps_its_promises before update of stage on orch.task for each row execute function orch.task_keeps_its_promises()`,

  `create function orch.no_run_for_an_ended_task() returns trigger language plpgsql as $$
  begin
    if exists (select 1 from orch.task where id = new.task and stage in ('done', 'cancelled')) then
      raise exception 'task % has ended and starts no run', new.task using errcode = 'check_violation';
    end if;
    return new;
  end $$`,
  `create trigger no_run_for_an_ended_task before insert on orch.run for each row execute function orch.no_run_for_an_ended_task()`,

  `create function orch.an_ended_run_stays_ended() returns trigger language plpgsql as $$
  begin
    if old.state in ('done', 'failed', 'lost', 'cancelled') and new.state <> old.state then
      raise exception 'run % is % for good and cannot become %', old.id, old.state, new.state using errcode = 'check_violation';
    end if;
    return new;
  end $$`,
  `create trigger an_ended_run_stays_ended before update of state on orch.run for each row execute function orch.an_ended_run_stays_ended()`,

  `create function orch.the_log_only_grows() returns trigger language plpgsql as $$
  begin
    raise exception 'the log is append-only' using errcode = 'check_violation';
  end $$`,
  `create trigger the_log_only_grows before update or delete on orch.log for each statement execute function orch.the_log_only_grows()`,

  `create function orch.tell() returns trigger language plpgsql as $$
  begin
    perform pg_notify('orch', tg_table_name);
    return null;
  end $$`,
  `create trigger tell_log after insert on orch.log for each statement execute function orch.tell()`,
  `create trigger tell_inbox after insert on orch.inbox for each statement execute function orch.tell()`,
  `create trigger tell_effect after insert on orch.effect for each statement execute function orch.tell()`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
