/** Runs of codex, played by a stand-in: bad output, bad ends, sessions. The real CLI is in test/codex. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { AgentResult, AgentSpec } from '../../../src/engine/ports/runtime.ts'
import { installFake, playing } from './fake.ts'
import type { Step } from './fake-codex.ts'
import { type Access, createWorld, type World } from './world.ts'

const SESSION = '01a204aa-e700-76c0-b57f-fb1c2f41b23f'
let fakes = ''
let world: World
before(async () => {
  fakes = mkdtempSync(join(tmpdir(), 'orch-fake-codex-'))
  world = await createWorld(installFake(join(fakes, 'bin')), 'http://127.0.0.1:9', 200)
})
after(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(fakes, { recursive: true, force: true })
})

const play = (steps: readonly Step[], more: Partial<AgentSpec> = {}, sandbox: 'on' | 'off' = 'off') =>
  world.run(world.spec(world.workspace(sandbox), { prompt: playing(steps), ...more }))
const failureOf = (result: AgentResult) =>
  result.is === 'failed' ? result.failure : assert.fail(JSON.stringify(result))
const turn = (text: string): readonly Step[] => [{ do: 'thread' }, { do: 'turn', text }]

describe('a run of codex', () => {
  it('is given its settings by a file, its prompt by stdin, and nothing else', async () => {
    const workspace = world.workspace('on')
    const { result } = await world.run(
      world.spec(workspace, {
        prompt: { ...playing(turn('Done.')), rules: 'Rule "one"\n\u007f' },
        egress: ['registry.example.org'],
      }),
    )
    assert.equal(result.is, 'completed')
    const { args, env, config } = JSON.parse(readFileSync(join(workspace.home, 'started.json'), 'utf8'))
    assert.deepEqual(args, ['exec', '--json', '--ignore-rules', '--skip-git-repo-check', '-'])
    assert.match(config, /^developer_instructions = "Rule \\"one\\"\\n\\u007F"$/m)
    assert.match(config, /^sandbox_mode = "danger-full-access"$/m)
    // What the forwarder of the gateway and the stand-in's shell add on the way is not ours.
    const names = Object.keys(env).filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))
    assert.deepEqual(names.sort(), [
      'CODEX_HOME',
      'HOME',
      'HTTPS_PROXY',
      'HTTP_PROXY',
      'LANG',
      'NO_PROXY',
      'ORCH_MODEL_TOKEN',
      'PATH',
      'TMPDIR',
      'TZ',
      'http_proxy',
      'https_proxy',
      'no_proxy',
    ])
  })

  it('counts classes that do not overlap, names no cost, and tells usage once', async () => {
    const { result, events } = await play(turn('Done.'))
    const used = { input: 150, output: 30, cacheRead: 800, cacheCreation: 50 }
    assert.deepEqual(result.usage, { ...used, sessionId: SESSION })
    assert.deepEqual(
      events.filter(({ is }) => is === 'usage'),
      [{ is: 'usage', usage: used }],
    )
  })

  const ends: readonly (readonly [story: string, steps: readonly Step[], code: string, sentence: RegExp])[] = [
    ['ends with nothing', [], 'no-result', /without a result/],
    ['prints a help page', [{ do: 'print', line: 'Usage: codex [OPTIONS]' }], 'garbage-result', /Usage: codex/],
    ['prints bytes that are no text', [{ do: 'bytes', base64: '//79gIE=' }], 'garbage-result', /something else/],
    ['says only how it began', [{ do: 'thread' }], 'no-result', /without a result/],
    [
      'crashes',
      [{ do: 'thread' }, { do: 'stderr', line: 'thread main panicked' }, { do: 'exit', code: 101 }],
      'crashed',
      /code 101.*thread main panicked/,
    ],
    [
      'gives a result and then fails',
      [...turn('Done.'), { do: 'exit', code: 1 }],
      'crashed',
      /gave a result and then ended with code 1/,
    ],
    [
      'ends its turn without a message',
      [{ do: 'thread' }, { do: 'print', line: '{"type":"turn.completed"}' }],
      'garbage-result',
      /without a message/,
    ],
    [
      'refuses to start',
      [
        { do: 'stderr', line: 'Error: thread/start: thread/start failed: No models are available. (code -32600)' },
        { do: 'exit', code: 1 },
      ],
      'model',
      /No models/,
    ],
  ]
  for (const [story, steps, code, sentence] of ends)
    it(`that ${story} has failed`, async () => {
      const failure = failureOf((await play(steps)).result)
      assert.deepEqual([failure.code, failure.class], [code, 'permanent'])
      assert.match(failure.sentence, sentence)
    })

  it('that a signal ended has crashed', async () => {
    const failure = failureOf((await play([{ do: 'thread' }, { do: 'kill', signal: 'SIGSEGV' }])).result)
    assert.equal(failure.code, 'crashed')
    assert.match(failure.sentence, /SIGSEGV|139/)
  })

  it('that gives two results has the last one', async () => {
    const { result } = await play([
      ...turn('First.'),
      { do: 'print', line: '{"type":"turn.started"}' },
      { do: 'turn', text: 'Second.' },
    ])
    assert.equal(result.is === 'completed' && result.text, 'Second.')
  })

  it('that begins another turn and does not end it has no result', async () => {
    const { result } = await play([...turn('First.'), { do: 'print', line: '{"type":"turn.started"}' }])
    assert.equal(failureOf(result).code, 'no-result')
  })

  it('that stays after its result is ended, and its result counts', async () => {
    const limits = { timeoutMs: 300_000, stallMs: 290_000, graceMs: 100 }
    const begun = performance.now()
    const { result } = await play([...turn('Done.'), { do: 'ignore-signals' }, { do: 'daemon' }, { do: 'hang' }], {
      limits,
    })
    assert.equal(result.is, 'completed')
    assert.ok(performance.now() - begun < 60_000)
    assert.deepEqual(world.living(), [])
  })

  for (const sandbox of ['on', 'off'] as const)
    it(`that takes too long is ended with everything it started (sandbox ${sandbox})`, async () => {
      const limits = { timeoutMs: 1_500, stallMs: 60_000, graceMs: 100 }
      const steps: readonly Step[] = [{ do: 'thread' }, { do: 'ignore-signals' }, { do: 'daemon' }, { do: 'hang' }]
      const { result } = await play(steps, { limits }, sandbox)
      assert.equal(failureOf(result).code, 'timed-out')
      assert.deepEqual(world.living(), [])
    })

  it('that falls silent has stalled, unless its provider makes it wait', async () => {
    const limits = { timeoutMs: 60_000, stallMs: 800, graceMs: 100 }
    assert.equal(failureOf((await play([{ do: 'thread' }, { do: 'hang' }], { limits })).result).code, 'stalled')
    const line = JSON.stringify({
      type: 'error',
      message: 'Reconnecting... 1/2 (exceeded retry limit, last status: 429 Too Many Requests)',
    })
    const waiting = await play([{ do: 'thread' }, { do: 'print', line }, { do: 'hang' }], { limits })
    assert.equal(failureOf(waiting.result).code, 'rate-limit')
    assert.equal(waiting.events.filter(({ is }) => is === 'provider').length, 1)
  })

  it('that keeps talking does not stall', async () => {
    const talk = Array.from({ length: 6 }, (): readonly Step[] => [
      { do: 'wait', ms: 400 },
      { do: 'stderr', line: 'still here' },
    ]).flat()
    const { result } = await play([...talk, ...turn('Done.')], {
      limits: { timeoutMs: 60_000, stallMs: 1_200, graceMs: 100 },
    })
    assert.equal(result.is, 'completed')
  })

  it('that prints without end and without a newline stays within memory', async () => {
    const before = process.memoryUsage().rss
    const megabyte = Buffer.alloc(1024 * 1024, 'x').toString('base64')
    const { result, events } = await play([
      { do: 'bytes', base64: megabyte, times: 300 },
      { do: 'print', line: '' },
      ...turn('Done.'),
    ])
    assert.equal(result.is, 'completed')
    assert.ok(events.every((event) => event.is !== 'raw' || event.line.length <= 64 * 1024))
    const grown = process.memoryUsage().rss - before
    assert.ok(grown < 150 * 1024 * 1024, `${grown} bytes more`)
  })

  it('that asks keeps its session, and the answer goes on with it once', async () => {
    const first = await play(turn('Hm.\nQUESTION: Which?'))
    assert.ok(first.result.is === 'asked')
    const { question, session } = first.result
    assert.equal(question, 'Which?')
    const used = { input: 150, output: 30, cacheRead: 800, cacheCreation: 50 }
    assert.deepEqual(session, { run: '7.1', id: SESSION, usage: used })
    const more = { input_tokens: 1500, cached_input_tokens: 1100, cache_write_input_tokens: 60, output_tokens: 45 }
    const text = JSON.stringify([{ do: 'thread' }, { do: 'turn', text: 'Blue.', usage: more }])
    const workspace = world.workspace('off')
    const second = await world.run(world.spec(workspace, { resume: { ...session!, text } }))
    assert.equal(second.result.is === 'completed' && second.result.text, 'Blue.')
    assert.deepEqual(second.result.usage, {
      input: 190,
      output: 15,
      cacheRead: 300,
      cacheCreation: 10,
      sessionId: SESSION,
    })
    const { args } = JSON.parse(readFileSync(join(workspace.home, 'started.json'), 'utf8'))
    assert.deepEqual(args.slice(0, 2), ['exec', 'resume'])
    assert.equal(args.at(-2), SESSION)
    assert.deepEqual(readdirSync(world.sessionsDir), [])
  })

  it('begins anew from the whole prompt where the session is gone', async () => {
    const workspace = world.workspace('off')
    const resume = { run: '7.0', id: SESSION, usage: {}, text: 'The answer.' }
    const { result } = await world.run(world.spec(workspace, { prompt: playing(turn('Anew.')), resume }))
    assert.equal(result.is === 'completed' && result.text, 'Anew.')
    assert.equal(result.usage.input, 150)
    const id = { ...resume, id: '../outside' }
    writeFileSync(join(world.root, 'outside.jsonl'), 'not a session')
    assert.equal((await play(turn('Anew.'), { resume: id })).result.is, 'completed')
    assert.ok(existsSync(join(world.root, 'outside.jsonl')))
  })

  it('takes over no link of the agent for a session', async () => {
    writeFileSync(join(world.root, 'secret'), 'not for agents')
    const record = (home: string) =>
      join(home, '.codex', 'sessions', '2026', '11', '22', `rollout-2026-11-22T10-00-00-${SESSION}.jsonl`)
    const pipe = (_: string, path: string) => void execFileSync('mkfifo', [path])
    for (const link of [symlinkSync, linkSync, pipe]) {
      const workspace = world.workspace('off')
      const go = join(workspace.tmp, 'go')
      const shown: readonly Step[] = [
        { do: 'thread' },
        { do: 'await-file', path: go },
        { do: 'turn', text: 'QUESTION: Which?' },
      ]
      const run = world.runtime.start(world.spec(workspace, { prompt: playing(shown) }))
      for await (const event of run.events)
        if (event.is === 'raw' && event.line.includes('thread.started')) {
          rmSync(record(workspace.home))
          link(join(world.root, 'secret'), record(workspace.home))
          writeFileSync(go, '')
        }
      const result = await run.result
      assert.ok(result.is === 'asked')
      assert.equal(result.session, null)
    }
    assert.ok(!existsSync(join(world.sessionsDir, `${SESSION}.jsonl`)))
  })

  it('is stopped for the reason it was told first, and a stop after the end changes nothing', async () => {
    const run = world.runtime.start(
      world.spec(world.workspace('off'), { prompt: playing([{ do: 'thread' }, { do: 'hang' }]) }),
    )
    for await (const event of run.events)
      if (event.is === 'raw') {
        run.stop('budget')
        run.stop('cancelled')
      }
    const result = await run.result
    assert.deepEqual([result.is, result.is === 'stopped' && result.reason], ['stopped', 'budget'])
    const done = world.runtime.start(world.spec(world.workspace('off'), { prompt: playing(turn('Done.')) }))
    assert.equal((await done.result).is, 'completed')
    done.stop('cancelled')
    assert.equal((await done.result).is, 'completed')
  })

  it('without its workspace does not begin', async () => {
    for (const part of ['dir', 'home', 'tmp'] as const) {
      const workspace = world.workspace('on')
      rmSync(workspace[part], { recursive: true })
      assert.equal(failureOf((await world.run(world.spec(workspace))).result).code, 'workspace-gone')
    }
  })
})

describe('without a gateway that has a key, codex', () => {
  const start = async (access: Access, sandbox: 'on' | 'off') => {
    await using other = await createWorld(installFake(join(fakes, 'bin')), 'http://127.0.0.1:9', 200, access)
    const workspace = other.workspace(sandbox)
    const { result } = await other.run(other.spec(workspace))
    const started = join(workspace.home, 'started.json')
    const { env, config } = existsSync(started) ? JSON.parse(readFileSync(started, 'utf8')) : { env: {}, config: '' }
    return { result, env, config, probe: await other.runtime.probe() }
  }
  it('says what is missing, and its run is not the run’s fault', async () => {
    for (const access of ['no-key', 'nothing'] as const) {
      const { result, probe } = await start(access, 'off')
      assert.deepEqual([failureOf(result).code, failureOf(result).class], ['auth', 'transient'])
      assert.ok(!probe.ok)
    }
  })
  it('uses a credential of its own outside an isolation, and says what that means', async () => {
    const { result, env, config, probe } = await start('login', 'off')
    assert.equal(result.is, 'completed')
    assert.equal(env.CODEX_API_KEY, 'its own')
    assert.equal(env.ORCH_MODEL_TOKEN, undefined)
    assert.doesNotMatch(config, /model_provider/)
    assert.ok(probe.ok && probe.notes.some((note) => note.includes('each run can read it')))
  })
  it('cannot reach its model from inside an isolation', async () => {
    assert.equal(failureOf((await start('login', 'on')).result).code, 'infrastructure')
  })
})

describe('the program of codex', () => {
  const probe = async (version: string) => {
    const dir = mkdtempSync(join(fakes, 'probe-'))
    await using other = await createWorld(installFake(dir, version), 'http://127.0.0.1:9')
    return await other.runtime.probe()
  }
  it('tells its version', async () => {
    const known = await probe('codex-cli 0.169.0\n')
    assert.ok(
      known.ok && known.version === '0.169.0' && !known.notes.some((note) => note.includes('Orch was tried with')),
    )
    const newer = await probe('codex-cli 0.170.1-beta\n')
    assert.ok(
      newer.ok && newer.version === '0.170.1-beta' && newer.notes.some((note) => note.includes('Orch was tried with')),
    )
  })
  for (const [version, sentence] of [
    ['codex-cli 0.99.9\n', /is version 0.99.9, and Orch needs 0.169.0/],
    ['Usage: something else\n', /does not tell a version/],
    ['', /does not tell a version/],
  ] as const)
    it(`is refused where it says ${JSON.stringify(version)}`, async () => {
      const result = await probe(version)
      assert.match(result.ok ? 'it was taken' : result.sentence, sentence)
    })

  it('that is gone or may not be run is missing, also for a run', async () => {
    const dir = mkdtempSync(join(fakes, 'gone-'))
    const file = installFake(dir)
    await using other = await createWorld(file, 'http://127.0.0.1:9')
    chmodSync(file, 0o644)
    const probed = await other.runtime.probe()
    assert.ok(!probed.ok && /failed .missing/.test(probed.sentence), JSON.stringify(probed))
    rmSync(dir, { recursive: true })
    for (const sandbox of ['on', 'off'] as const)
      assert.equal(failureOf((await other.run(other.spec(other.workspace(sandbox)))).result).code, 'missing')
  })
})
