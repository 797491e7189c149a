/** Tables of schema `orch`, as kysely types. Times are milliseconds since the epoch in `bigint`, read as numbers. */
import type { Generated } from 'kysely'

export interface Tables {
  'orch.repo': { id: string; last_number: number; fence: number }
  'orch.task': {
    id: Generated<number>
    project: string
    repo: string
    number: number
    key: string
    item_id: string
    item_key: string
    round: number
    title: string
    stage: string
    phase: string
    lane: boolean
    window_open: boolean
    priority: number
    next: boolean
    state: string
    created_at: number
    updated_at: number
  }
  'orch.run': {
    id: string
    task: number
    repo: string
    project: string
    stage: string
    kind: string
    role: string | null
    target: string | null
    artefact: string | null
    state: string
    ready_at: number
    not_before: number
    job: string | null
    host: string | null
    started_at: number | null
    ended_at: number | null
    sentence: string | null
    usage: string | null
    facts: string | null
    report: string | null
    agent: string | null
  }
  'orch.log': { id: Generated<number>; task: number; at: number; story: string }
  'orch.effect': {
    id: Generated<number>
    task: number
    key: string
    effect: string
    type: string
    state: string
    tries: number
    not_before: number
    claimed_until: number
    claimed_by: string | null
    sentence: string | null
    created_at: number
    started_at: number | null
    ended_at: number | null
  }
  'orch.inbox': {
    id: Generated<number>
    source: string
    key: string
    body: string
    received_at: number
    tries: number
    not_before: number
    applied_at: number | null
    outcome: string | null
  }
  'orch.breaker': { provider: string; state: string; updated_at: number }
  'orch.cursor': { name: string; value: string | null }
  'orch.deadline': { task: number; name: string; visit: number; due: number }
  'orch.freeze': {
    id: Generated<number>
    repo: string
    reason: string
    author: string
    at: number
    until: number | null
    lifted_at: number | null
  }
}
