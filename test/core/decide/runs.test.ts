import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  answeredBy,
  answeredCi,
  asked,
  changeOf,
  failed,
  finished,
  goodFacts,
  lost,
  observed,
  openedPullRequest,
  shaOf,
  started,
  stopped,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, everyStep, full } from '../support/tasks.ts'

const STARTS = [
  ['analysis', 'analyst: Analyst started (analysis).'],
  ['architecture', 'architect: Architect started (architecture).'],
  ['development', 'developer: Developer started (development).'],
  ['review', 'reviewer: Reviewer started (review).'],
  ['testing', 'tester: Tester started (testing).'],
] as const

describe('a run that starts', () => {
  for (const [stage, comment] of STARTS) {
    it(`is told in the voice of its role: ${stage}`, () => {
      const task = at(stage, 'ready')
      given(task).when(started()).becomes(stage, `running ${task.id}.${task.runs}`, [comment])
    })
  }

  it('is not told where Orch itself works', () => {
    given(at('development', 'ready', 1))
      .when(started())
      .becomes('development', 'running 7.4', [])
  })

  it('starts once', () => {
    given(at('review', 'running')).when(started()).changesNothing()
  })
})

describe('a run that finishes', () => {
  it('publishes what it made, says what it used, and its stage is judged', () => {
    given(at('architecture', 'running'))
      .when(finished(goodFacts, { usage: { input: 1_000, cacheRead: 44_200, output: 12_100, costUsd: 0.214 } }))
      .becomes('development', 'ready 7.3', [
        'push sha-7.2',
        'architect: Architect done · 45.2k in (44.2k cached) / 12.1k out · $0.21 · docs/tasks/SHOP-7/02-architecture.md',
        'show development',
        'start 7.3 agent developer',
      ])
      .logs([
        'scope-kept pass: only files of its own were changed',
        'architecture-written pass: 02-architecture.md is valid',
        'architecture → development: passed',
      ])
  })

  it('may do so before it was heard to start', () => {
    given(at('architecture', 'ready'))
      .when(finished())
      .becomes('development', 'ready 7.3', [
        'push sha-7.2',
        'architect: Architect done…',
        'show development',
        'start 7.3 agent developer',
      ])
  })

  it('publishes nothing where it changed nothing', () => {
    const nothing = finished((task) => ({
      ...goodFacts(task),
      change: changeOf(task, { content: 'nothing', head: task.lineage.at(-1) ?? '' }),
    }))
    given(at('architecture', 'running'))
      .when(nothing)
      .becomes('development', 'ready 7.3', [
        'architect: Architect done…',
        'show development',
        'start 7.3 agent developer',
      ])
  })

  it('adds to what its role used, run by run and class by class', () => {
    const usage = { input: 10, output: 5, costUsd: 0.5 }
    const { task } = given(at('development', 'running'))
      .after(
        finished(() => ({}), { usage }),
        started(),
      )
      .when(finished(goodFacts, { usage: { output: 7, cacheRead: 100 } }))
    assert.deepEqual(task.spent.developer, { runs: 2, usage: { input: 10, output: 12, cacheRead: 100, costUsd: 0.5 } })
  })

  it('of Orch itself is nobody’s usage', () => {
    const { task } = given(at('development', 'running', 1)).when(finished())
    assert.deepEqual(Object.keys(task.spent), ['analyst', 'architect', 'developer'])
    assert.equal(task.spent.developer?.runs, 1)
  })
})

describe('a run that is not the live one', () => {
  it('changes nothing with anything it says', () => {
    for (const task of everyStep().filter(({ phase, runs }) => runs > 1 && phase.is !== 'final')) {
      const old = `${task.id}.${task.runs - 1}`
      for (const word of [started, finished, failed, asked, lost, stopped])
        given(task, full)
          .when((known, now) => ({ ...word()(known, now), run: old }) as never)
          .changesNothing()
    }
  })

  it('may not open a window either, and is told so, since it asks', () => {
    const task = at('deploy', 'running', 0)
    given(task)
      .when((known, now) => ({ type: 'window-opened', at: now, run: '7.1', head: known.lineage.at(-1) ?? '' }))
      .refused('run 7.1 no longer speaks for SHOP-7')
  })

  it('changes nothing when it is the live one that was stopped while nobody asked for it', () => {
    given(at('review', 'running')).when(stopped()).changesNothing()
  })
})

describe('a run that asks', () => {
  it('holds the task with its question, and what it made is published', () => {
    const { task } = given(at('development', 'running'))
      .when(asked('Blue or green?'))
      .becomes('development', 'held: question', [
        'push sha-7.3',
        'show on-hold',
        'stream: SHOP-7 is on hold in development: the agent asks. Blue or green? Ways on: `:answer: …` to answer, `:rework: why` to send it back, `:stop:` to end it.',
      ])
      .logs(['held question (answer, rework, stop): Blue or green?'])
    assert.equal(task.spent.developer?.runs, 1)
    assert.equal(task.lineage.at(-1), shaOf('7.3'))
  })

  it('goes on with the answer, in the same step', () => {
    const { task } = given(at('development', 'running'))
      .after(asked())
      .when(answeredBy('Mia', 'Blue.'))
      .becomes('development', 'ready 7.4', ['show development', 'start 7.4 agent developer'])
    assert.deepEqual(task.notes, ['You asked: Which colour?', 'Mia answers: Blue.'])
    assert.equal(task.used.attempts, 0)
  })
})

describe('a fact that comes in on its own', () => {
  it('is kept while a run is at work, and judged when that has ended', () => {
    const { task } = given(at('review', 'running'))
      .when(observed(() => ({ pushed: 'sha-7.3' })))
      .becomes('review', 'running 7.5', [])
    assert.equal(task.evidence.pushed, 'sha-7.3')
  })

  it('is judged at once where a gate waits for it', () => {
    given(at('development', 'gated', 0))
      .when(openedPullRequest())
      .becomes('development', 'ready 7.4', ['start 7.4 check'])
  })

  it('is kept, and nothing is judged yet, where the gate waits for another', () => {
    given(at('development', 'gated', 0))
      .when(observed(() => ({ pushed: 'sha-7.3' })))
      .becomes('development', 'gated on pull-request', [])
      .logs([])
    const green = given(at('development', 'gated', 0))
      .when(answeredCi('success', 'build'))
      .logs([])
    assert.deepEqual(green.task.evidence.ci?.contexts, { build: 'success' })
  })
})
