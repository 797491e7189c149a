/** The tables fit together: nothing is named and not used, nothing used and not named. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as gates from '#core/gates.ts'
import { HOLDS, type HoldReason } from '#core/holds.ts'
import { edges, pipeline, runKindOf } from '#core/pipeline.ts'
import { defaultPolicy } from '#core/policy.ts'
import { ARTEFACTS, RUN_KINDS, STAGES, TRACKER_STATUSES, WORK_STAGES } from '#core/words.ts'
import { LATER } from './support/held.ts'
import { newTask } from './support/tasks.ts'

const stages = WORK_STAGES.map((name) => ({ name, ...pipeline[name] }))
const steps = stages.flatMap((stage) => stage.steps.map((step) => ({ stage, step })))
const sources = (folder: URL): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(new URL(`${entry.name}/`, folder))
      : [entry.name === 'holds.ts' ? '' : readFileSync(new URL(entry.name, folder), 'utf8')],
  )

describe('every gate', () => {
  it('is used in the pipeline, and every gate used there is listed', () => {
    const used = new Set(steps.flatMap(({ step }) => step.gates))
    assert.deepEqual(
      gates.GATES.filter((gate) => !used.has(gate)).map(({ name }) => name),
      [],
    )
    assert.deepEqual(
      [...used].filter((gate) => !gates.GATES.includes(gate)).map(({ name }) => name),
      [],
    )
  })

  it('is listed once, under a name and a description of its own', () => {
    for (const word of ['name', 'describe'] as const) {
      const words = gates.GATES.map((gate) => gate[word])
      assert.equal(new Set(words).size, words.length, word)
      for (const text of words) assert.match(text, word === 'name' ? /^[a-z]+(-[a-z]+)*$/ : /^\S.{15,}[^.\s]$/)
    }
  })

  it('that is exported is listed', () => {
    const exported = Object.values(gates).filter((one) => typeof one === 'object' && 'judge' in one)
    assert.deepEqual(new Set(exported), new Set(gates.GATES))
  })

  it('passes nothing that is absent, but for what was not configured', () => {
    const passing = gates.GATES.filter((gate) => gate.judge(newTask(), defaultPolicy).is === 'pass')
    assert.deepEqual(
      passing.map(({ name }) => name),
      ['ci-green'],
    )
  })
})

describe('every stage', () => {
  it('is a row of the pipeline, with a title and steps, and its prose comes last', () => {
    assert.deepEqual(Object.keys(pipeline), [...WORK_STAGES])
    for (const { name, title, steps: own } of stages) {
      assert.match(title, /^[A-Z]/)
      assert.ok(own.length > 0, name)
      assert.ok(
        own.every((step, index) => !step.prose || index === own.length - 1),
        name,
      )
    }
    assert.equal(new Set(stages.map(({ title }) => title)).size, stages.length)
  })

  it('leads on to the next, the last to done', () => {
    assert.deepEqual(
      stages.map(({ next }) => next),
      [...WORK_STAGES.slice(1), 'done'],
    )
  })

  it('goes back to itself or to an earlier stage', () => {
    for (const [index, { onFail, onBaseMoved }] of stages.entries())
      for (const back of [onFail, ...(onBaseMoved ? [onBaseMoved] : [])]) assert.ok(WORK_STAGES.indexOf(back) <= index)
  })

  it('is shown in the tracker by its own status', () => {
    for (const stage of STAGES) assert.ok(TRACKER_STATUSES.includes(stage))
  })
})

describe('every step', () => {
  it('is judged by a gate, unless it is prose', () => {
    for (const { stage, step } of steps) assert.equal(step.gates.length === 0, step.prose === true, stage.name)
  })

  it('of an agent is judged by what it changed, and by the document it owes', () => {
    for (const { stage, step } of steps.filter(({ step: { work, prose } }) => work.kind === 'agent' && !prose)) {
      assert.equal(step.gates[0], gates.scopeKept, stage.name)
      const { work } = step
      if (work.kind === 'agent' && work.artefact)
        assert.ok(step.gates.some(({ name }) => name === `${work.artefact}-written`))
      if (work.kind === 'agent') assert.equal(work.role, stage.role)
    }
  })

  it('leaves a document of its own', () => {
    const left = steps.flatMap(({ step: { work } }) => (work.kind === 'agent' && work.artefact ? [work.artefact] : []))
    assert.equal(new Set(left).size, left.length)
    assert.deepEqual(
      Object.keys(ARTEFACTS).filter((name) => !left.includes(name as never)),
      ['watch'],
    )
    const files = Object.values(ARTEFACTS)
    assert.deepEqual(files.toSorted(), files)
    for (const file of files) assert.match(file, /^[0-9]{2}-[a-z-]+\.md$/)
  })

  it('is carried out by a kind of run that there is', () => {
    for (const { step } of steps)
      if (step.work.kind !== 'approval') assert.ok(RUN_KINDS.includes(runKindOf(step.work)), step.work.kind)
  })
})

describe('the edges', () => {
  it('are exactly those of the rows, each once', () => {
    assert.deepEqual(
      edges.map(({ from, to, why }) => `${from} → ${to}: ${why}`),
      [
        'queued → analysis: let in',
        'analysis → architecture: passed',
        'architecture → development: passed',
        'development → review: passed',
        'review → testing: passed',
        'review → development: sent back',
        'testing → deploy-staging: passed',
        'testing → development: sent back',
        'deploy-staging → deploy: passed',
        'deploy-staging → development: sent back',
        'deploy → done: passed',
        'deploy → development: sent back',
        'deploy → testing: base moved',
      ],
    )
  })

  it('reach every stage from the queue, and done from every stage', () => {
    const closure = (from: string): Set<string> => {
      const seen = new Set([from])
      for (const stage of seen) for (const edge of edges) if (edge.from === stage) seen.add(edge.to)
      return seen
    }
    assert.deepEqual([...closure('queued')].sort(), STAGES.filter((stage) => stage !== 'cancelled').toSorted())
    for (const stage of WORK_STAGES) assert.ok(closure(stage).has('done'))
  })

  it('lead nowhere from an end', () => {
    assert.deepEqual(
      edges.filter(({ from }) => from === 'done' || from === 'cancelled'),
      [],
    )
  })
})

describe('every hold', () => {
  it('has a title and ways out, stop the last of them', () => {
    for (const { title, exits } of Object.values(HOLDS)) {
      assert.match(title, /^[a-z].+[^.]$|^CI .+[^.]$/)
      assert.equal(exits.at(-1), 'stop')
      assert.equal(new Set(exits).size, exits.length)
    }
    const titles = Object.values(HOLDS).map(({ title }) => title)
    assert.equal(new Set(titles).size, titles.length)
  })

  it('is named by the code that leads to it, or is known as later work and named nowhere', () => {
    const text = sources(new URL('../../src/core/', import.meta.url)).join('\n')
    const code = text.replaceAll(/(?:case |type: |Of<)'[^']*'/g, '')
    const unnamed = (Object.keys(HOLDS) as HoldReason[]).filter((reason) => !code.includes(`'${reason}'`))
    assert.deepEqual(unnamed, [...LATER])
  })
})
