import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TransientError } from '#core/errors.ts'
import type { Failure } from '#core/model.ts'
import { order } from '#engine/orders.ts'
import type { AgentResult } from '#engine/ports/runtime.ts'
import { type AgentWorld, ANALYSIS, agentWorld, completed, type Play, stopped } from '../support/agent-world.ts'
import { rulesOf } from '../support/world.ts'

const DAY = 24 * 60 * 60_000
const OWN = 'docs/tasks/SHOP-1/01-analysis.md'
const say = (world: AgentWorld, wanted: Parameters<typeof order>[3], id = 'q') =>
  order({ ...world, rulesOf }, world.id, 'Mia', wanted, id)
const held = async (world: AgentWorld) => {
  const { phase } = await world.task()
  return phase.is === 'held' ? phase.reason : phase.is
}
const failedWith = (code: string, over: Partial<Failure> = {}): AgentResult => ({
  is: 'failed',
  usage: { input: 3 },
  models: [],
  failure: { class: 'permanent', code, sentence: `it was ${code}`, ...over },
})

/** The developer's run is next. */
async function toDeveloper(world: AgentWorld): Promise<AgentWorld> {
  const document: Play = async ({ spec, write }) => {
    write(spec.prompt.artefact ?? '', spec.role === 'analyst' ? ANALYSIS : '---\nsummary: the simplest thing\n---\n')
    return completed()
  }
  for (const _ of ['analyst', 'architect']) await world.work(document)
  return world
}

/** Uses so much, and goes on until it is told to stop. */
const spends =
  (costUsd: number): Play =>
  async ({ say: tell, write, stopped: end }) => {
    write('src/a.ts', 'half of it')
    tell({ is: 'usage', usage: { costUsd } })
    return stopped(await end, { costUsd })
  }
const analyses =
  (costUsd: number, shows = false): Play =>
  async ({ say: tell, write }) => {
    write(OWN, ANALYSIS)
    if (shows) tell({ is: 'usage', usage: { costUsd } })
    return completed({ costUsd })
  }

describe('the budget of an agent’s run', () => {
  it('at its hard limit ends the run while it works, keeps what it had done, and asks a person', async () => {
    const world = await toDeveloper(await agentWorld({ spending: { run: { softUsd: 1, hardUsd: 2 } } }))
    const run = await world.work(spends(2))
    assert.deepEqual(world.stops, ['budget'])
    const { state, sentence, usage } = await world.run(run)
    assert.deepEqual([state, usage], ['failed', { costUsd: 2 }])
    assert.equal(sentence, '$2.00 were used by this run; the hard limit is $2.00')
    assert.equal(await held(world), 'budget-spent')
    const task = await world.task()
    assert.deepEqual([task.lineage.at(-1), task.evidence.change?.head], ['head-3', 'head-3'])
    assert.deepEqual(await world.pushes(), ['head-1', 'head-2', 'head-3'])
    assert.deepEqual(task.spent.developer, { runs: 1, usage: { costUsd: 2 } })
    assert.deepEqual(task.used.attempts, 0)
    assert.ok(world.logged.includes(`[budget] ${sentence}`))
  })

  it('below it lets the run end by itself; its soft limit is asked about afterwards, and the work counts', async () => {
    for (const shows of [true, false]) {
      const world = await agentWorld({ spending: { run: { softUsd: 1, hardUsd: 2 } } })
      const run = await world.work(analyses(1.5, shows))
      assert.deepEqual([world.stops, (await world.run(run)).state], [[], 'done'])
      assert.equal(await held(world), 'budget-soft')
      assert.ok((await world.task()).evidence.artefacts.analysis)
      assert.deepEqual(await world.pushes(), ['head-1'])
    }
  })

  it('whose hard limit a run had reached when it ended by itself: the work counts, and a person is asked', async () => {
    const world = await agentWorld({ spending: { task: { hardUsd: 2 } } })
    await world.work(analyses(3))
    assert.equal(await held(world), 'budget-soft')
    assert.ok((await world.task()).evidence.artefacts.analysis)
  })

  it('counts what the task’s earlier runs have used, and what a person granted', async () => {
    const world = await agentWorld({ spending: { task: { hardUsd: 2 } } })
    await world.work(async () => failedWith('overloaded', { class: 'transient' }))
    await world.store.transaction((tx) => tx.updateRun('1.1', ['failed'], { usage: { costUsd: 1.5 } }))
    world.clock.pass(DAY)
    await world.work(spends(0.5))
    assert.deepEqual([world.stops, await held(world)], [['budget'], 'budget-spent'])
    await say(world, { is: 'retry' })
    await world.work(analyses(1, true))
    assert.deepEqual([world.stops.length, await held(world)], [1, 'ready'], 'the limits are twice as large now')
  })

  it('that is spent already starts no agent: the task’s waits for a person', async () => {
    const world = await agentWorld({ spending: { task: { hardUsd: 2 } } })
    await world.work(async () => ({ ...failedWith('overloaded', { class: 'transient' }), usage: { costUsd: 3 } }))
    world.clock.pass(DAY)
    await world.work(async () => assert.fail('no agent is started'))
    assert.equal(world.started.length, 1)
    assert.equal(await held(world), 'budget-spent')
  })

  it('of the day that is spent already starts no agent: it goes on by itself at the next midnight of UTC', async () => {
    const world = await agentWorld({ spending: { day: { hardUsd: 2 } } })
    world.clock.pass(10 * DAY + 7_000)
    await world.work(async () => ({ ...failedWith('crashed'), usage: { costUsd: 2.5 } }))
    const before = await world.task()
    const run = await world.work(async () => assert.fail('no agent is started'))
    const [{ state, agent, usage }, task] = [await world.run(run), await world.task()]
    assert.deepEqual([state, agent, usage, world.started.length], ['failed', null, null, 1])
    assert.deepEqual(task.used, before.used)
    const next = await world.run(`1.${task.runs}`)
    assert.deepEqual([next.state, next.notBefore], ['ready', 11 * DAY])
    assert.equal(await world.admit(), 0)
    assert.deepEqual(await world.store.reads.breakers(), {})
    world.clock.pass(DAY)
    await world.work(analyses(0))
    assert.equal(world.started.length, 2)
  })

  it('that cannot be read for a moment ends no run', async () => {
    let isDown = false
    const world = await agentWorld({
      spending: { run: { hardUsd: 9 } },
      reads: ({ spending }) => ({
        async spending(query) {
          if (isDown) throw new TransientError('the database is restarting')
          return spending(query)
        },
      }),
    })
    const run = await world.work(async (scene) => {
      isDown = true
      world.clock.pass(6_000)
      scene.say({ is: 'usage', usage: { costUsd: 1 } })
      await new Promise((resolve) => setImmediate(resolve))
      world.clock.pass(6_000)
      return analyses(1.5)(scene)
    })
    const { state, usage } = await world.run(run)
    assert.deepEqual([state, usage], ['done', { costUsd: 1.5 }])
  })

  it('is shown while the run works', async () => {
    const world = await agentWorld()
    const seen: unknown[] = []
    const look = async () => seen.push((await world.run('1.1')).usage)
    await world.work(async ({ say: tell }) => {
      for (const [input, pass] of [
        [1, 0],
        [2, 1_000],
        [3, 5_000],
      ] as const) {
        world.clock.pass(pass)
        tell({ is: 'usage', usage: { input } })
        await new Promise((resolve) => setImmediate(resolve))
        await look()
      }
      return completed({ input: 4 })
    })
    assert.deepEqual(seen, [{ input: 1 }, { input: 1 }, { input: 3 }], 'not at every word of it')
    assert.deepEqual((await world.run('1.1')).usage, { input: 4 })
  })
})

describe('what an agent’s run is given', () => {
  it('is on record, with the reasons, before the agent starts', async () => {
    const world = await agentWorld({ wishes: [{ from: 'role analyst', wish: { model: 'acme-three', effort: 'low' } }] })
    await say(world, { is: 'agent', wish: { model: 'acme-two' } })
    await world.work(async ({ spec }) => {
      const { agent } = await world.run(spec.run)
      assert.ok(agent)
      assert.deepEqual(agent.choice, spec.choice)
      assert.deepEqual([agent.runtime, agent.provider, agent.models, agent.resumes], ['some', 'acme', [], null])
      assert.deepEqual([spec.choice.model, spec.choice.effort], ['acme-two', 'low'])
      assert.equal(agent.choice.reasons[0], 'model: acme-two, set for the task')
      return completed()
    })
    assert.deepEqual((await world.run('1.1')).agent?.models, ['acme-one'], 'and who really answered, afterwards')
  })

  it('is given to nobody where the claim went while it was written down', async () => {
    const shutdown = new AbortController()
    const world = await agentWorld({
      reads: ({ runById }) => ({
        runById(id) {
          shutdown.abort()
          return runById(id)
        },
      }),
    })
    await world.work(async () => completed(), { shutdown: shutdown.signal })
    assert.equal(world.started.length, 0)
    assert.equal((await world.run('1.1')).state, 'lost')
  })

  it('for one run alone counts for that run and no other', async () => {
    const world = await agentWorld()
    const models: (string | null)[] = []
    const play: Play = async ({ spec }) => {
      models.push(spec.choice.model)
      return { is: 'asked', question: 'Which?', session: null, usage: {}, models: [] }
    }
    await world.work(async () => failedWith('budget'))
    await say(world, { is: 'retry', wish: { model: 'acme-nine' } })
    await world.work(play)
    await say(world, { is: 'answer', text: 'the first' })
    await world.work(play)
    assert.deepEqual(models, ['acme-nine', null])
  })
})

describe('a conversation that ended with a question', () => {
  const session = { run: '1.1', id: 'session-1', usage: { input: 9 } }
  const asks = async (): Promise<AgentResult> => ({ is: 'asked', question: 'Which?', session, usage: {}, models: [] })

  it('is gone on with by the next run of the role, which is told the answer', async () => {
    const world = await agentWorld()
    await world.work(asks)
    await say(world, { is: 'answer', text: 'the first one' })
    await world.work(async ({ spec: { resume } }) => {
      assert.deepEqual({ ...resume, text: '' }, { ...session, text: '' })
      assert.match(resume?.text ?? '', /You asked: Which\?[\s\S]*Mia answers: the first one/)
      return completed()
    })
    assert.equal(world.started.length, 2)
    assert.deepEqual(
      [(await world.run('1.1')).agent?.session, (await world.run('1.2')).agent?.resumes],
      [session, '1.1'],
    )
  })

  it('is nobody’s where another role goes on', async () => {
    const world = await agentWorld()
    await world.work(analyses(0))
    await world.work(asks)
    assert.equal((await world.run('1.2')).role, 'architect')
    await say(world, { is: 'rework', why: 'not so', to: 'analysis' })
    await world.work(async ({ spec }) => {
      assert.deepEqual([spec.role, spec.resume], ['analyst', null])
      return completed()
    })
    assert.equal(world.started.length, 3)
  })

  it('is nobody’s where another agent plays the role now', async () => {
    let runtime = 'some'
    const world = await agentWorld({ runtime: () => runtime })
    await world.work(asks)
    await say(world, { is: 'answer', text: 'the first one' })
    runtime = 'another'
    await world.work(async ({ spec }) => {
      assert.equal(spec.resume, null)
      assert.match(spec.prompt.text, /Mia answers: the first one/, 'it is told in the prompt')
      return completed()
    })
    assert.equal(world.started.length, 2)
  })

  it('that answers it goes on afresh afterwards', async () => {
    const world = await agentWorld()
    await world.work(asks)
    await say(world, { is: 'answer', text: 'x' })
    await world.work(async () => completed())
    await world.work(async ({ spec }) => {
      assert.equal(spec.resume, null)
      return completed()
    })
  })
})

describe('what a run leaves', () => {
  const writes =
    (text: string, result: AgentResult): Play =>
    async ({ write }) => {
      write(OWN, text)
      return result
    }

  it('is refused whole where a secret is in it, before anything is taken over or pushed', async () => {
    for (const result of [completed(), failedWith('overloaded', { class: 'transient' })]) {
      const world = await agentWorld()
      const run = await world.work(writes('TOP SECRET', result))
      assert.deepEqual([world.kept, await world.pushes(), (await world.task()).lineage], [[], [], []])
      const { state, sentence } = await world.run(run)
      assert.equal(state, 'failed')
      if (result.is === 'completed')
        assert.match(sentence ?? '', /01-analysis\.md .* holds a key; nothing was published/)
      else assert.equal(sentence, 'it was overloaded')
    }
  })

  it('is kept where the provider failed it, and is no attempt of its own', async () => {
    const world = await toDeveloper(await agentWorld())
    await world.work(async ({ write }) => {
      write('src/a.ts', 'half of it')
      return failedWith('overloaded', { class: 'transient' })
    })
    const task = await world.task()
    assert.deepEqual([task.lineage.at(-1), task.used.attempts, task.used.transients], ['head-3', 0, 1])
    assert.equal((await world.pushes()).at(-1), 'head-3')
    world.clock.pass(DAY)
    await world.work(async ({ spec }) => {
      assert.equal(spec.workspace.given, 'head-3', 'the next run goes on from there')
      return completed()
    })
    assert.equal(world.started.length, 4)
  })

  it('of an unfinished document is not kept: it counts only where one run wrote it', async () => {
    const world = await agentWorld()
    await world.work(writes(ANALYSIS, failedWith('overloaded', { class: 'transient' })))
    assert.deepEqual([(await world.task()).lineage, await world.pushes()], [[], []])
  })

  it('is not kept where the run failed by itself', async () => {
    for (const code of ['crashed', 'stalled', 'timed-out', 'no-result']) {
      const world = await toDeveloper(await agentWorld())
      await world.work(async ({ write }) => {
        write('src/a.ts', 'x')
        return failedWith(code)
      })
      assert.deepEqual([(await world.task()).lineage.at(-1), (await world.pushes()).at(-1)], ['head-2', 'head-2'], code)
    }
  })

  it('of files that are not its own is not kept either way', async () => {
    for (const result of [completed(), failedWith('overloaded', { class: 'transient' })]) {
      const world = await agentWorld()
      await world.work(async ({ write }) => {
        write('src/not-mine.ts', 'x')
        return result
      })
      assert.deepEqual([(await world.task()).lineage, await world.pushes()], [[], []])
    }
  })
})

describe('what a run has used', () => {
  const used = { input: 5, costUsd: 0.25 }
  const books = { analyst: { runs: 1, usage: used } }
  /** Works until it is ended from outside. */
  const worksOn =
    (begun: () => unknown): Play =>
    async ({ stopped: end }) => {
      begun()
      return stopped(await end, used)
    }

  it('is booked where it is ended with its host', async () => {
    const world = await agentWorld()
    const shutdown = new AbortController()
    const run = await world.work(
      worksOn(() => shutdown.abort()),
      { shutdown: shutdown.signal },
    )
    assert.deepEqual(world.stops, ['shutdown'])
    const row = await world.run(run)
    assert.deepEqual([row.state, row.usage, (await world.task()).spent], ['lost', used, books])
  })

  it('is booked where a person stops its task', async () => {
    const world = await agentWorld()
    const cancelled = new AbortController()
    const stop = async () => {
      await say(world, { is: 'stop' })
      cancelled.abort()
    }
    const run = await world.work(
      worksOn(() => void stop()),
      { cancelled: cancelled.signal },
    )
    const row = await world.run(run)
    assert.deepEqual([row.state, row.usage, (await world.task()).spent], ['cancelled', used, books])
  })

  it('is booked where it failed, and where what it left cannot be taken over for the moment', async () => {
    const failing = await agentWorld()
    await failing.work(async () => ({ ...failedWith('crashed'), usage: used }))
    assert.deepEqual((await failing.task()).spent, books)
    const world = await agentWorld({
      async collect() {
        throw new TransientError('the disk is full')
      },
    })
    const run = await world.work(analyses(0.25))
    const row = await world.run(run)
    assert.deepEqual([row.state, row.sentence], ['failed', 'the disk is full'])
    assert.deepEqual([row.usage, row.agent?.models], [{ costUsd: 0.25 }, ['acme-one']])
    assert.deepEqual((await world.task()).spent, { analyst: { runs: 1, usage: { costUsd: 0.25 } } })
  })
})

describe('the log of a run', () => {
  it('has every line as it came and what people want to read of it, and is closed at the end', async () => {
    const world = await agentWorld()
    await world.work(async ({ say: tell }) => {
      tell({ is: 'raw', line: '{"a":1}' })
      tell({ is: 'text', text: 'I look.' })
      tell({ is: 'tool', name: 'Read', detail: 'README.md' })
      tell({ is: 'provider', what: 'retry', sentence: 'it waits 2 s' })
      tell({ is: 'usage', usage: { input: 1 } })
      return completed()
    })
    assert.deepEqual(world.logged, ['raw {"a":1}', 'I look.', '[Read] README.md', '[retry] it waits 2 s', 'closed'])
  })
})
