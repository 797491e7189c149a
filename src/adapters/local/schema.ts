import { type Generated, type Kysely, type Selectable, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The PostgreSQL schema that all tables of this folder live in. */
export const SCHEMA = 'local'

interface ProjectTable {
  readonly name: string
  readonly prefix: string
  readonly last_number: Generated<number>
}

interface ItemTable {
  readonly id: string
  readonly project: string
  readonly key: string
  readonly request_id: string
  readonly title: string
  readonly description: string
  readonly priority: number
  readonly status: string | null
  readonly status_since: number
  readonly status_by: string
  readonly status_by_bot: boolean
  readonly removed_at: Generated<number | null>
}

interface CommentTable {
  readonly seq: Generated<number>
  readonly id: string
  readonly item: string
  /** Of our own comments; null for people's. */
  readonly key: string | null
  readonly text: string
  readonly by: string
  readonly by_bot: boolean
  readonly at: number
}

interface ChangeTable {
  /** Ascends in the order of commits within a project: it is drawn while the project's row is locked. */
  readonly seq: Generated<number>
  readonly project: string
  readonly item: string
  readonly kind: 'moved' | 'edited' | 'commented'
  readonly to_status: string | null
  readonly comment: string | null
  readonly by: string
  readonly by_bot: boolean
  readonly at: number
}

interface RepositoryTable {
  readonly name: string
  readonly base: string
  readonly last_number: Generated<number>
}

interface PullRequestTable {
  readonly repo: string
  readonly number: number
  readonly head: string
  /** The branch's commit when it was last looked at; for good once the pull request has ended. */
  readonly head_sha: string
  readonly base: string
  readonly state: 'open' | 'closed' | 'merged'
  readonly title: string
  readonly body: string
  readonly marker: string
  readonly voice: string
  readonly merge_sha: Generated<string | null>
  readonly ended_by: Generated<string | null>
  readonly ended_by_bot: Generated<boolean | null>
  readonly ended_text: Generated<string | null>
  readonly created_at: number
  readonly updated_at: number
}

interface CommitStatusTable {
  readonly seq: Generated<number>
  readonly repo: string
  readonly sha: string
  readonly context: string
  readonly state: 'success' | 'failure' | 'pending'
  readonly by: string
  readonly at: number
}

/** Times are milliseconds since the epoch. */
export interface LocalTables {
  readonly projects: ProjectTable
  readonly items: ItemTable
  readonly comments: CommentTable
  readonly changes: ChangeTable
  readonly repositories: RepositoryTable
  readonly pull_requests: PullRequestTable
  readonly commit_statuses: CommitStatusTable
}

export type ProjectRow = Selectable<ProjectTable>
export type ItemRow = Selectable<ItemTable>
export type CommentRow = Selectable<CommentTable>
export type ChangeRow = Selectable<ChangeTable>
export type RepositoryRow = Selectable<RepositoryTable>
export type PullRequestRow = Selectable<PullRequestTable>

const statements = [
  `create table local.projects (
    name text primary key,
    prefix text not null,
    last_number integer not null default 0
  )`,
  `create table local.items (
    id text primary key,
    project text not null references local.projects,
    key text not null,
    request_id text not null,
    title text not null,
    description text not null,
    priority smallint not null check (priority between 0 and 4),
    status text,
    status_since bigint not null,
    status_by text not null,
    status_by_bot boolean not null,
    removed_at bigint,
    unique (project, key),
    unique (project, request_id)
  )`,
  `create table local.comments (
    seq bigint generated always as identity unique,
    id text primary key,
    item text not null references local.items,
    key text,
    text text not null,
    by text not null,
    by_bot boolean not null,
    at bigint not null,
    unique (item, key)
  )`,
  'create index comments_of_item on local.comments (item, seq)',
  `create table local.changes (
    seq bigint generated always as identity primary key,
    project text not null references local.projects,
    item text not null references local.items,
    kind text not null,
    to_status text,
    comment text references local.comments,
    by text not null,
    by_bot boolean not null,
    at bigint not null
  )`,
  'create index changes_of_project on local.changes (project, seq)',
  `create table local.repositories (
    name text primary key,
    base text not null,
    last_number integer not null default 0
  )`,
  `create table local.pull_requests (
    repo text not null references local.repositories,
    number integer not null,
    head text not null,
    head_sha text not null,
    base text not null,
    state text not null,
    title text not null,
    body text not null,
    marker text not null,
    voice text not null,
    merge_sha text,
    ended_by text,
    ended_by_bot boolean,
    ended_text text,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (repo, number),
    unique (repo, merge_sha),
    check ((state = 'merged') = (merge_sha is not null))
  )`,
  `create unique index one_open_pull_request on local.pull_requests (repo, head, base) where state = 'open'`,
  'create index pull_requests_by_change on local.pull_requests (repo, updated_at)',
  `create table local.commit_statuses (
    seq bigint generated always as identity primary key,
    repo text not null references local.repositories,
    sha text not null,
    context text not null,
    state text not null,
    by text not null,
    at bigint not null
  )`,
  'create index commit_statuses_of_commit on local.commit_statuses (repo, sha, context, seq)',
]

/** By name, in order; one that was released is never changed again. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-tracker-and-forge': {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(statement).execute(db)
    },
  },
}
