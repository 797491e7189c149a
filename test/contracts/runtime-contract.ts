import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Failure } from '../../src/core/model.ts'
import type { Workspace } from '../../src/engine/ports/repositories.ts'
import type {
  AgentEvent,
  AgentResult,
  AgentRun,
  AgentRuntime,
  AgentSpec,
  Prompt,
} from '../../src/engine/ports/runtime.ts'

/** What an agent can be made to do. */
export type Behaviour =
  /** Writes one file, says something, and is done with this text. */
  | {
      readonly is: 'complete'
      readonly text: string
      readonly file: { readonly path: string; readonly content: string }
    }
  /** Ends with a question; told the answer, it is done with the text. */
  | { readonly is: 'ask'; readonly question: string; readonly text: string }
  /** Its provider is overloaded, whatever it tries. */
  | { readonly is: 'overload' }
  /** Says that it is there, and then nothing for ever; it ends when it is asked to. */
  | { readonly is: 'hang' }
  /** Talks for ever; it ends when it is asked to. */
  | { readonly is: 'chatter' }
  /** Says that it is there, and then ignores every request to end, as does a child that it has cut loose. */
  | { readonly is: 'stubborn' }
  /** Is done, and leaves a child that it has cut loose. */
  | { readonly is: 'leave-child'; readonly text: string }
  /** Is done, and does not go. */
  | { readonly is: 'linger'; readonly text: string }
  /** Ends with a failure before it has a result. */
  | { readonly is: 'crash' }
  /** Ends well, without a result. */
  | { readonly is: 'nothing' }
  /** Ends well, having printed a page of help instead. */
  | { readonly is: 'help' }
  /** Prints so many bytes without a newline, and ends well without a result. */
  | { readonly is: 'flood'; readonly bytes: number }
  /** Prints what is no UTF-8 between two lines of its own, and is done. */
  | { readonly is: 'broken-text'; readonly text: string }
  /** Gives two results. */
  | { readonly is: 'twice'; readonly first: string; readonly text: string }
  /** Gives a result and then ends with a failure. */
  | { readonly is: 'fail-at-last'; readonly text: string }

/** What to tell the agent, and what it says and writes then where it cannot be told that word by word. */
export interface Arranged {
  readonly prompt: Prompt
  readonly text?: string
  readonly question?: string
  readonly file?: { readonly path: string; readonly content: string }
}

/** A machine on which an agent can run. Each test gets one of its own. */
export interface RuntimeWorld {
  readonly runtime: AgentRuntime
  /** Fresh home and tmp; the checkout of `after` where that is given. */
  workspace(after?: Workspace): Workspace | Promise<Workspace>
  /** From now on runs do that, when they are told the prompt. */
  arrange(behaviour: Behaviour): Arranged | Promise<Arranged>
  /** Every process that came of this world's runs, in any namespace. */
  living(): readonly string[]
  /** The runtime with a program that is not there, or that nobody may execute; null where it cannot be so. */
  broken?(how: 'absent' | 'not-executable'): AgentRuntime | null
}

export interface ContractOptions {
  /** Behaviours that this agent cannot be made to show, each with its reason. */
  readonly cannot?: Readonly<Partial<Record<Behaviour['is'], string>>>
  /** How long it takes at most until it is at work; 4 s where absent. */
  readonly startMs?: number
  readonly concurrency?: number
  /** How much is printed without a newline; a gibibyte where absent. */
  readonly floodBytes?: number
}

const PROMPT_WORD = 'quetzalcoatlus'

/** Runs the whole of the port's promises against a runtime. `make` registers its own clean-up at the test. */
export const runtimeContract = (
  name: string,
  make: (t: TestContext) => RuntimeWorld | Promise<RuntimeWorld>,
  { cannot = {}, startMs = 4_000, concurrency = 2, floodBytes = 1024 ** 3 }: ContractOptions = {},
): void => {
  const LIMITS = { timeoutMs: 60_000, stallMs: 45_000, graceMs: 500 }

  const story = (
    title: string,
    needs: readonly Behaviour['is'][],
    tell: (world: RuntimeWorld, t: TestContext) => Promise<void>,
  ): void => {
    const reason = needs.map((need) => cannot[need]).find((why) => why !== undefined)
    test(title, reason === undefined ? {} : { skip: reason }, async (t) => {
      const world = await make(t)
      await tell(world, t)
      assert.deepEqual(world.living(), [], 'nothing of the run is left')
    })
  }

  const specOf = async (world: RuntimeWorld, prompt: Prompt, more: Partial<AgentSpec>): Promise<AgentSpec> => ({
    run: '7.1',
    role: 'developer',
    workspace: more.workspace ?? (await world.workspace()),
    prompt,
    choice: { model: null, effort: null, fallback: null },
    limits: LIMITS,
    egress: [],
    resume: null,
    ...more,
  })
  const start = async (
    world: RuntimeWorld,
    behaviour: Behaviour,
    more: Partial<AgentSpec> = {},
    runtime = world.runtime,
  ): Promise<Played & Arranged> => {
    const arranged = await world.arrange(behaviour)
    return { ...arranged, ...listen(runtime.start(await specOf(world, arranged.prompt, more))) }
  }
  const play = async (...args: Parameters<typeof start>): Promise<AgentResult> => (await start(...args)).result

  describe(name, { concurrency }, () => {
    story('works, tells what it does, and says at the end what was done', ['complete'], async (world) => {
      const workspace = await world.workspace()
      const own = { text: 'All is done.', file: { path: 'made.txt', content: 'made by the agent\n' } }
      const played = await start(world, { is: 'complete', ...own }, { workspace })
      const { text = own.text, file = own.file } = played
      const result = await played.result
      assert.equal(result.is === 'completed' ? result.text : result, text)
      assert.equal(readFileSync(join(workspace.dir, file.path), 'utf8'), file.content)
      const kinds = new Set(played.events.map((event) => event.is))
      assert.ok(kinds.has('raw') && kinds.has('text'), [...kinds].join())
      assert.equal(isThere(played.run), false)
    })

    story('counts what it uses, never backwards, and guesses nothing', ['complete'], async (world) => {
      const played = await start(world, { is: 'complete', text: 'Done.', file: { path: 'a', content: '' } })
      const { usage, models } = await played.result
      for (const [name, value] of Object.entries(usage))
        assert.ok(typeof value === 'string' || value >= 0, `${name} is ${value}`)
      assert.equal(models.length > 0, world.runtime.provider !== null, 'who answered is known')
      const told = played.events.flatMap((event) => (event.is === 'usage' ? [event.usage] : []))
      for (const name of ['input', 'output', 'cacheRead', 'cacheCreation', 'costUsd'] as const) {
        const values = [...told.map((one) => one[name]), usage[name]].filter((value) => value !== undefined)
        assert.deepEqual(
          values,
          values.toSorted((a, b) => a - b),
          `${name} never falls`,
        )
      }
    })

    story('is told its task where no other program of the machine reads it', ['hang'], async (world) => {
      const { prompt } = await world.arrange({ is: 'hang' })
      const text = `${prompt.text}\n\nThe word is ${PROMPT_WORD}.`
      const secret = { ...prompt, text, task: { ...prompt.task, title: PROMPT_WORD } }
      const played = listen(world.runtime.start(await specOf(world, secret, {})))
      await played.isAtWork()
      assert.deepEqual(commandLinesWith(PROMPT_WORD), [])
      assert.equal(isThere(played.run), true)
      played.run.stop('cancelled')
      assert.equal((await played.result).is, 'stopped')
    })

    story('asks by ending, and goes on when it is answered', ['ask'], async (world) => {
      const workspace = await world.workspace()
      const behaviour: Behaviour = { is: 'ask', question: 'Which one?\nThis or that?', text: 'That it is.' }
      const { question = behaviour.question, ...first } = await start(world, behaviour, { workspace })
      const asked = await first.result
      assert.ok(asked.is === 'asked', JSON.stringify(asked))
      assert.equal(asked.question, question)
      const { session } = asked
      const resume = session === null ? null : { ...session, text: 'The answer is: that.' }
      const { prompt, text = behaviour.text } = await world.arrange(behaviour)
      const notes = ['Ann answers: that.']
      const told = { ...prompt, text: `${prompt.text}\n\nThe answer is: that.`, notes }
      const more = { run: '7.2', workspace: await world.workspace(workspace), resume }
      const done = await listen(world.runtime.start(await specOf(world, told, more))).result
      assert.equal(done.is === 'completed' ? done.text : done, text)
    })

    story('tells an overload of its provider from a failure of its own', ['overload'], async (world) => {
      const { code, class: failureClass } = failureOf(await play(world, { is: 'overload' }))
      assert.deepEqual({ code, failureClass }, { code: 'overloaded', failureClass: 'transient' })
    })

    story('is stopped for the first reason given, however often it is asked', ['hang'], async (world) => {
      const played = await start(world, { is: 'hang' })
      await played.isAtWork()
      played.run.stop('budget')
      played.run.stop('cancelled')
      const result = await played.result
      assert.equal(result.is === 'stopped' ? result.reason : result, 'budget')
      played.run.stop('shutdown')
      assert.equal(isThere(played.run), false)
    })

    story('can be stopped before it is at work', ['hang'], async (world) => {
      const played = await start(world, { is: 'hang' })
      played.run.stop('shutdown')
      const result = await played.result
      assert.equal(result.is === 'stopped' ? result.reason : result, 'shutdown')
    })

    story('is ended with all its children where it obeys nothing', ['stubborn'], async (world) => {
      const played = await start(world, { is: 'stubborn' })
      await played.isAtWork()
      played.run.stop('fenced')
      const result = await played.result
      assert.equal(result.is === 'stopped' ? result.reason : result, 'fenced')
    })

    story('leaves nothing behind when it is done', ['leave-child'], async (world) => {
      const result = await play(world, { is: 'leave-child', text: 'Done.' })
      assert.equal(result.is, 'completed', JSON.stringify(result))
    })

    story('may take so long and no longer', ['chatter'], async (world) => {
      const limits = { ...LIMITS, timeoutMs: startMs }
      const { code, class: failureClass, sentence } = failureOf(await play(world, { is: 'chatter' }, { limits }))
      assert.deepEqual({ code, failureClass }, { code: 'timed-out', failureClass: 'permanent' })
      assert.match(sentence, new RegExp(`${Math.round(startMs / 1000)} s`))
    })

    story('may be silent so long and no longer', ['hang'], async (world) => {
      const limits = { ...LIMITS, stallMs: startMs }
      const { code, class: failureClass } = failureOf(await play(world, { is: 'hang' }, { limits }))
      assert.deepEqual({ code, failureClass }, { code: 'stalled', failureClass: 'permanent' })
    })

    story('is done with its result, also where it does not go', ['linger'], async (world) => {
      const result = await play(world, { is: 'linger', text: 'Done.' })
      assert.equal(result.is === 'completed' ? result.text : result, 'Done.')
    })

    story('means the last of two results', ['twice'], async (world) => {
      const result = await play(world, { is: 'twice', first: 'Not yet.', text: 'Now.' })
      assert.equal(result.is === 'completed' ? result.text : result, 'Now.')
    })

    const wrong: readonly (readonly [title: string, behaviour: Behaviour, codes: readonly string[]])[] = [
      ['a crash', { is: 'crash' }, ['crashed']],
      ['an end without a result', { is: 'nothing' }, ['no-result']],
      ['a page of help', { is: 'help' }, ['garbage-result', 'no-result']],
      ['a result followed by a failure', { is: 'fail-at-last', text: 'Done.' }, ['crashed']],
    ]
    for (const [title, behaviour, codes] of wrong)
      story(`never passes off as done: ${title}`, [behaviour.is], async (world) => {
        const failure = failureOf(await play(world, behaviour))
        assert.ok(codes.includes(failure.code), JSON.stringify(failure))
        assert.equal(failure.class, 'permanent')
      })

    story('reads on over what is no text', ['broken-text'], async (world) => {
      const result = await play(world, { is: 'broken-text', text: 'Grüße.' })
      assert.equal(result.is === 'completed' ? result.text : result, 'Grüße.')
    })

    story('keeps its memory flat, whatever is printed and however slow its reader is', ['flood'], async (world) => {
      const memory = watchMemory()
      const { prompt } = await world.arrange({ is: 'flood', bytes: floodBytes })
      const limits = { ...LIMITS, timeoutMs: 300_000 }
      const run = world.runtime.start(await specOf(world, prompt, { limits }))
      const failure = failureOf(await run.result)
      const grown = memory.stop()
      assert.ok(['garbage-result', 'no-result'].includes(failure.code), JSON.stringify(failure))
      assert.ok(grown < 250_000_000, `memory grew by ${grown} bytes`)
      for await (const event of run.events) assert.ok(JSON.stringify(event).length < 20_000_000)
    })

    for (const how of ['absent', 'not-executable'] as const)
      test(`fails with a sentence where its program is ${how}`, async (t) => {
        const world = await make(t)
        const runtime = world.broken?.(how) ?? null
        if (runtime === null) return t.skip('its program cannot be so')
        const failure = failureOf(await play(world, { is: 'nothing' }, {}, runtime))
        assert.equal(failure.code, 'missing')
        const probed = await runtime.probe()
        assert.ok(!probed.ok && probed.sentence.length > 20, JSON.stringify(probed))
      })

    story('fails with a sentence where its workspace is gone', [], async (world) => {
      const workspace = await world.workspace()
      rmSync(workspace.dir, { recursive: true })
      const behaviour: Behaviour = { is: 'complete', text: 'Done.', file: { path: 'a', content: '' } }
      const failure = failureOf(await play(world, behaviour, { workspace }))
      assert.ok(['workspace-gone', 'missing'].includes(failure.code), JSON.stringify(failure))
    })

    story('says of itself whether it can work here', [], async (world) => {
      const probed = await world.runtime.probe()
      assert.ok(probed.ok, JSON.stringify(probed))
      assert.match(probed.version, /^\d/)
    })
  })
}

/** A failure, with a sentence that a person can read. */
function failureOf(result: AgentResult): Failure {
  assert.ok(result.is === 'failed', JSON.stringify(result))
  const { sentence } = result.failure
  assert.ok(sentence.length > 10 && sentence.length < 700 && !sentence.includes('\n'), JSON.stringify(sentence))
  return result.failure
}

interface Played {
  readonly run: AgentRun
  /** When all events are read. */
  readonly result: Promise<AgentResult>
  readonly events: readonly AgentEvent[]
  /** Resolves when it has said something. */
  isAtWork(): Promise<void>
}

/** Reads a run's events from the start. */
function listen(run: AgentRun): Played {
  const events: AgentEvent[] = []
  const first = Promise.withResolvers<void>()
  const gathered = (async () => {
    for await (const event of run.events) {
      events.push(event)
      if (event.is === 'text' || event.is === 'tool') first.resolve()
    }
    first.reject(new Error(`it ended before it was at work: ${JSON.stringify(events.slice(-5))}`))
  })()
  first.promise.catch(() => {})
  const result = (async () => {
    const ended = await run.result
    await gathered
    return ended
  })()
  return { run, events, result, isAtWork: () => first.promise }
}

const isThere = ({ process: { pid, startTime } }: AgentRun): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] === startTime
  } catch {
    return false
  }
}

const commandLinesWith = (word: string): readonly string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return command.includes(word) ? [command.replaceAll('\0', ' ')] : []
    } catch {
      return []
    }
  })

/** The most that is in use at once from now on, above what is now; what is only waiting to be collected does not count. */
function watchMemory(): { stop(): number } {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const inUse = (): number => {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = inUse()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, inUse())
  }, 100)
  return {
    stop() {
      clearInterval(timer)
      return Math.max(peak, inUse()) - before
    },
  }
}
