/** Twelve tasks in every phase, with holds, long words and hostile text. */
import type { TaskDetail } from '../../src/core/view.ts'
import { buildTask, sha, type TaskSeed } from './fixture-tasks.ts'

export const HOSTILE = `<img src=x onerror="document.title='broken'"> & <b>bold</b>`
const MINUTE = 60_000

export const ANALYSIS = `---
status: READY
criteria: 4
---

# Analysis: one-click reorder

## Problem
Customers who buy the same things each month rebuild their basket by hand: 11 clicks on average.

## Scope
- a "Reorder" button on each past order
- items that are no longer sold are named and left out
- prices are those of today; a change of more than 5 % is shown before paying

## Acceptance criteria
1. Reordering an order of 40 lines fills the basket in under one second.
2. A line that is sold out is named, the others are added.
3. The basket that was there before is kept.
4. Nothing is charged without a further confirmation.

## Test plan
Unit tests of the price comparison; an end-to-end test for each criterion.
`

export function mixedTasks(now: number): readonly TaskDetail[] {
  return seeds(now).map((seed, index) => buildTask(index + 1, now, seed))
}

const seeds = (now: number): readonly TaskSeed[] => [
  {
    key: 'SHOP-32',
    title: 'Show delivery times in the reader’s own time zone, also on the confirmation mail and the printed slip',
    stage: 'queued',
    phase: 'waiting',
    next: true,
    priority: 3,
    why: 'the lane of acme/shop belongs to SHOP-31',
    actions: ['next', 'stop'],
  },
  {
    key: 'SHOP-33',
    title:
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft_as_one_single_word_in_a_title_without_any_space',
    stage: 'queued',
    phase: 'waiting',
    why: 'waits for PAY-9 to end',
    actions: ['next', 'stop'],
  },
  {
    key: 'SHOP-31',
    title: 'One-click reorder of a past order',
    stage: 'analysis',
    phase: 'waiting',
    why: 'a person has to approve the analysis',
    subject: 'item-1:analysis-1',
    actions: ['approve', 'rework', 'stop'],
    artefacts: [
      { name: 'analysis', path: 'docs/tasks/SHOP-31/01-analysis.md', sha: sha(31), run: '3.1', problem: null },
    ],
    gates: [
      {
        stage: 'analysis',
        gate: 'scope-kept',
        describe: 'the run changed only what its role may change',
        verdict: 'pass',
        sentence: 'only files of its own were changed',
        sha: sha(31),
        at: now - 22 * MINUTE,
      },
      {
        stage: 'analysis',
        gate: 'analysis-written',
        describe: '01-analysis.md is there, written by a run of this task, and its front matter can be read',
        verdict: 'pass',
        sentence: '01-analysis.md is valid',
        sha: sha(31),
        at: now - 22 * MINUTE,
      },
      {
        stage: 'analysis',
        gate: 'approved',
        describe:
          'a listed person approved exactly this title, description and analysis (or the project approves automatically)',
        verdict: 'pending',
        sentence: 'a person has to approve the analysis',
        sha: null,
        at: now - 21 * MINUTE,
      },
    ],
  },
  {
    key: 'SEARCH-8',
    title: 'Rank exact matches of an article number first',
    stage: 'architecture',
    phase: 'ready',
    why: 'all 3 slots are taken',
  },
  {
    key: 'PAY-9',
    title: HOSTILE,
    stage: 'development',
    phase: 'running',
    since: now - 42_000,
  },
  {
    key: 'ADMIN-22',
    title: 'Rotate the session keys every day without logging anybody out',
    stage: 'development',
    phase: 'held',
    hold: 'protected-paths',
    why: 'protected files were changed: .gitea/workflows/ci.yaml, orch.config.yaml',
    subject: 'diff-77',
    actions: ['approve', 'rework', 'stop'],
    pullRequest: { number: 218, url: 'https://git.example.org/acme/admin/pulls/218', state: 'open' },
  },
  {
    key: 'API-20',
    title: 'Answer conditional requests with 304',
    stage: 'review',
    phase: 'gated',
    why: 'the pull request is being opened',
    pullRequest: { number: 91, url: 'javascript:alert(1)', state: 'open' },
  },
  {
    key: 'MOBILE-19',
    title:
      'Offline mode: keep the last 200 orders on the device and bring changes in when the connection is back, oldest first',
    stage: 'testing',
    phase: 'held',
    hold: 'question',
    why: 'Two tests contradict each other: is an order that was deleted on the server kept on the device for 30 days (OrderStoreTest), or removed at once (SyncTest)?',
    actions: ['answer', 'rework', 'stop'],
  },
  {
    key: 'DOCS-18-r2',
    title: 'Move the handbook to the new generator',
    stage: 'deploy-staging',
    phase: 'held',
    hold: 'staging-inconclusive',
    why: 'the health check of staging answered neither yes nor no within 120 s',
    actions: ['retry', 'rework', 'stop'],
  },
  {
    key: 'BILLING-17',
    title: 'Round invoices per line, as the tax office asks',
    stage: 'deploy',
    phase: 'running',
    why: 'STOP by mara is recorded; it is carried out as soon as the deploy has honestly ended',
    stopping: true,
    actions: [],
    role: 'deployer',
    pullRequest: { number: 40, url: 'https://git.example.org/acme/billing/pulls/40', state: 'merged' },
    merge: sha(4040),
  },
  {
    key: 'SHOP-12',
    title: 'Remember the last used address',
    stage: 'done',
    phase: 'final',
    since: now - 1_500 * MINUTE,
  },
  {
    key: 'PAY-4',
    title: 'Try a second payment provider when the first one is down',
    stage: 'cancelled',
    phase: 'final',
    cleaningUp: true,
    why: 'the branch could not be removed yet: the forge answered 502; it is tried again',
  },
]
