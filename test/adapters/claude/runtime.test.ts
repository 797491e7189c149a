/** Whole runs of the stand-in: what the contract does not ask of every runtime. */
import assert from 'node:assert/strict'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { isOlder, OLDEST } from '../../../src/adapters/claude/probe.ts'
import { openSessions } from '../../../src/adapters/claude/sessions.ts'
import { UserError } from '../../../src/core/errors.ts'
import type { AgentEvent, AgentResult } from '../../../src/engine/ports/runtime.ts'
import { type Act, createFakeWorld, EMPTY_LEDGER, print, seenBy } from './fake.ts'

const begin: Act = { is: 'begin' }
const done = (text = 'Done.', more: object = {}): Act => ({ is: 'result', text, more })
const failureOf = (result: AgentResult) => {
  assert.ok(result.is === 'failed', JSON.stringify(result))
  return result.failure
}
const TOKENS = { input: 100, output: 20, cacheRead: 3000, cacheCreation: 500 }

describe('a run of claude', () => {
  it('is told the prompt by its input alone, with the rules in a file of its home', async () => {
    await using world = createFakeWorld()
    const workspace = world.workspace()
    writeFileSync(join(workspace.dir, 'CLAUDE.md'), 'Use tabs.')
    const prompt = { ...world.spec(workspace).prompt, rules: 'Be kind.', text: '/clear\nthe task' }
    const { result } = await world.play([begin, done()], { workspace, prompt })
    assert.equal(result.is, 'completed')
    const seen = seenBy(workspace)
    assert.equal(seen.text, ' /clear\nthe task')
    assert.equal(seen.args.join(' ').includes('the task'), false)
    assert.match(seen.rules ?? '', /Be kind\.[\s\S]*Use tabs\./)
    assert.equal(seen.cwd, workspace.dir)
    const shellsOwn = ['PWD', 'OLDPWD', 'SHLVL', '_']
    const names = Object.keys(seen.env).filter((name) => !shellsOwn.includes(name))
    assert.equal(names.length, 17 + 2 + 1, names.join()) // The switches, the door, and the mark of our processes.
    assert.equal(seen.env.ANTHROPIC_API_KEY, 'token-of-the-run')
  })

  it('uses what its result says, and tells it on the way', async () => {
    await using world = createFakeWorld()
    const { result, events } = await world.play([begin, { is: 'say', text: 'Hello.' }, done()])
    const { sessionId, ...usage } = result.usage
    assert.deepEqual(usage, { ...TOKENS, costUsd: 0.003375, turns: 1, model: 'claude-sonnet-4-5' })
    assert.match(sessionId ?? '', /^[0-9a-f-]{36}$/)
    assert.deepEqual(result.models, ['claude-sonnet-4-5'])
    const told = events.flatMap((event) => (event.is === 'usage' ? [event.usage] : []))
    assert.deepEqual(told[0], { ...TOKENS, output: 0 })
    assert.deepEqual(told.at(-1), result.usage)
  })

  it('has used no less at the end than it told on the way', async () => {
    await using world = createFakeWorld()
    world.plan([begin, { is: 'say', text: 'Hello.' }, { is: 'wait-for-input' }])
    const run = world.runtime.start(world.spec(world.workspace()))
    for await (const event of run.events) {
      if (event.is !== 'text') continue
      world.doors.onUsage?.({ ...EMPTY_LEDGER, byModel: { 'claude-b': { input: 9000 } } })
      run.stop('budget')
    }
    assert.equal((await run.result).usage.input, 9000)
  })

  it('opens its door and shuts it, whatever happens', async () => {
    await using world = createFakeWorld()
    await world.play([begin, done()])
    await world.play([{ is: 'exit', code: 3 }])
    assert.deepEqual(world.doors.log, ['open 7.1 anthropic off', 'close', 'open 7.1 anthropic off', 'close'])
  })

  it('believes the ledger where it has no result, and tells usage as the ledger does', async () => {
    await using world = createFakeWorld()
    world.plan([begin, { is: 'say', text: 'Hello.' }, { is: 'wait-for-input' }])
    const run = world.runtime.start(world.spec(world.workspace()))
    const told: AgentEvent[] = []
    for await (const event of run.events) {
      if (event.is === 'text') {
        world.doors.ledger = { ...EMPTY_LEDGER, requests: 2, byModel: { 'claude-b': { input: 9000, output: 70 } } }
        world.doors.onUsage?.(world.doors.ledger)
        world.doors.onUsage?.({ ...EMPTY_LEDGER })
        process.kill(run.process.pid, 'SIGKILL')
      }
      if (event.is === 'usage') told.push(event)
    }
    const result = await run.result
    assert.equal(failureOf(result).code, 'crashed')
    assert.partialDeepStrictEqual(result.usage, { input: 9000, output: 70 })
    assert.deepEqual(result.models, ['claude-sonnet-4-5', 'claude-b'])
    assert.partialDeepStrictEqual(told.at(-1), { usage: { input: 9000 } })
    assert.equal('costUsd' in result.usage, false)
  })

  it('refuses its door before it ends for its budget', async () => {
    await using world = createFakeWorld()
    world.plan([begin, { is: 'say', text: 'Hello.' }, { is: 'wait-for-input' }])
    const run = world.runtime.start(world.spec(world.workspace()))
    for await (const event of run.events) if (event.is === 'text') run.stop('budget')
    const result = await run.result
    assert.equal(result.is === 'stopped' ? result.reason : result.is, 'budget')
    assert.deepEqual(world.doors.log, ['open 7.1 anthropic off', 'refuse The budget of this run is spent.', 'close'])
    assert.equal(result.usage.costUsd, 0.003375, 'its interrupt lets it tell what it used')
  })

  it('has the wait of the server from the ledger', async () => {
    await using world = createFakeWorld()
    world.doors.ledger = { ...EMPTY_LEDGER, lastStatus: 429, retryAfterMs: 90_000 }
    const { result } = await world.play([begin, { is: 'trouble', error: 'rate_limit', more: { result: 'x' } }])
    assert.partialDeepStrictEqual(failureOf(result), { code: 'rate-limit', retryAfterMs: 90_000 })
  })

  it('is judged by what it says although it stays, and only that long', async () => {
    await using world = createFakeWorld()
    const { result } = await world.play([
      begin,
      { is: 'result', text: 'x', more: { is_error: true, api_error_status: 529 } },
      { is: 'linger' },
    ])
    assert.equal(failureOf(result).code, 'overloaded')
  })

  it('says what its standard error said where it ends without a result', async () => {
    await using world = createFakeWorld()
    const { result, events } = await world.play([
      { is: 'complain', text: 'error: unknown option --verbos\n' },
      { is: 'exit', code: 1 },
    ])
    assert.match(failureOf(result).sentence, /exit code 1 and no result: error: unknown option --verbos/)
    assert.ok(events.some((event) => event.is === 'raw' && event.line.includes('unknown option')))
  })

  it('takes no broken result, and no line after half of one', async () => {
    await using world = createFakeWorld()
    const broken = await world.play([begin, { is: 'line', message: { type: 'result', subtype: 'success' } }])
    assert.equal(failureOf(broken.result).code, 'garbage-result')
    const half = await world.play([
      begin,
      print('{"type":"result","subtype":"success","is_error":false,"result":"Do'),
      { is: 'exit', code: 0 },
    ])
    assert.equal(failureOf(half.result).code, 'no-result')
  })

  it('fails with a sentence where it has no credential', async () => {
    await using world = createFakeWorld()
    const spec = world.spec(world.workspace())
    const none = await world.runtimeWith({ gateway: null }).start(spec).result
    assert.partialDeepStrictEqual(failureOf(none), { class: 'transient', code: 'auth' })
    const open = () => {
      throw new UserError('There is no key for anthropic: set one.')
    }
    const run = world.runtimeWith({ gateway: { open } }).start(spec)
    for await (const _ of run.events) assert.fail('there is nothing to tell')
    run.stop('cancelled')
    assert.partialDeepStrictEqual(failureOf(await run.result), {
      class: 'transient',
      code: 'auth',
      sentence: 'There is no key for anthropic: set one.',
    })
  })

  it('uses a subscription without the gateway, and not where it could not reach its model', async () => {
    await using world = createFakeWorld()
    const runtime = world.runtimeWith({ gateway: null, subscriptionToken: 'sk-ant-oat-1' })
    world.plan([begin, done()])
    const workspace = world.workspace()
    assert.equal((await runtime.start(world.spec(workspace)).result).is, 'completed')
    assert.equal(seenBy(workspace).env.CLAUDE_CODE_OAUTH_TOKEN, 'sk-ant-oat-1')
    const refused = await runtime.start(world.spec(world.workspace('on'))).result
    assert.equal(failureOf(refused).code, 'infrastructure')
  })

  it('fails with a sentence where its home cannot be prepared', async () => {
    await using world = createFakeWorld()
    const workspace = world.workspace()
    rmSync(workspace.home, { recursive: true })
    writeFileSync(workspace.home, 'no folder')
    const prompt = { ...world.spec(workspace).prompt, rules: 'Be kind.' }
    const { result } = await world.play([begin, done()], { workspace, prompt })
    assert.equal(failureOf(result).code, 'infrastructure')
    assert.deepEqual(world.doors.log, [])
  })
})

describe('a conversation that was gone on with', () => {
  const ask: Act = { is: 'ask', question: 'Which?', text: 'That.' }

  it('uses only what came on top, over several questions', async () => {
    await using world = createFakeWorld()
    const first = await world.play([begin, ask])
    assert.ok(first.result.is === 'asked' && first.result.session !== null)
    const { session } = first.result
    assert.deepEqual(session.usage, { ...TOKENS, costUsd: 0.003375 })
    const again = { ...session, text: 'Say more.' }
    const second = await world.play([begin, ask], {
      run: '7.2',
      resume: again,
      workspace: world.workspace('off', first.workspace),
    })
    assert.ok(second.result.is === 'asked' && second.result.session !== null, JSON.stringify(second.result))
    assert.deepEqual(seenBy(second.workspace).text, 'Say more.')
    assert.ok(seenBy(second.workspace).args.includes('--resume'))
    assert.deepEqual(second.result.session, {
      run: '7.2',
      id: session.id,
      usage: { input: 200, output: 40, cacheRead: 6000, cacheCreation: 1000, costUsd: 0.00675 },
    })
    for (const { usage } of [first.result, second.result]) {
      assert.partialDeepStrictEqual(usage, TOKENS)
      assert.ok(Math.abs((usage.costUsd ?? 0) - 0.003375) < 1e-9)
    }
  })

  it('begins anew from the prompt where its transcript is gone', async () => {
    await using world = createFakeWorld()
    const resume = { run: '7.1', id: crypto.randomUUID(), usage: { input: 50 }, text: 'The answer.' }
    const { result, workspace } = await world.play([begin, done()], { resume })
    assert.equal(result.is, 'completed')
    assert.equal(result.usage.input, 100)
    assert.equal(seenBy(workspace).text, world.spec(workspace).prompt.text)
    assert.ok(seenBy(workspace).args.includes('--session-id'))
  })

  it('is forgotten where the CLI does not take it, so that the next run begins anew', async () => {
    await using world = createFakeWorld()
    const { result } = await world.play([begin, ask])
    assert.ok(result.is === 'asked' && result.session !== null)
    // As after an update that looks for transcripts elsewhere.
    const folder = join(world.sessionsDir, result.session.id)
    renameSync(join(folder, readdirSync(folder)[0]!), join(folder, 'elsewhere'))
    const resume = { ...result.session, text: 'The answer.' }
    const acts: Act[] = [print('{"type":"system","subtype":"init"}\n'), { is: 'exit', code: 1 }]
    assert.equal(failureOf((await world.play(acts, { resume })).result).code, 'crashed')
    assert.deepEqual(readdirSync(world.sessionsDir), [])
    assert.equal((await world.play([begin, done()], { resume })).result.is, 'completed')
  })

  it('is kept where only the provider failed', async () => {
    await using world = createFakeWorld()
    const { result } = await world.play([begin, ask])
    assert.ok(result.is === 'asked' && result.session !== null)
    const resume = { ...result.session, text: 'The answer.' }
    const trouble: Act = { is: 'trouble', error: 'overloaded', more: { result: 'x' } }
    assert.equal(failureOf((await world.play([trouble], { resume })).result).code, 'overloaded')
    assert.deepEqual(readdirSync(world.sessionsDir), [result.session.id])
  })
})

describe('kept conversations', () => {
  const id = '0b1f2c7e-0000-4000-8000-000000000001'
  const transcriptIn = (home: string, folder = '-work-checkout'): string => {
    const path = join(home, '.claude', 'projects', folder, `${id}.jsonl`)
    mkdirSync(dirname(path), { recursive: true })
    return path
  }

  it('are laid into the next home as they were, readable by nobody else', async () => {
    await using world = createFakeWorld()
    const [before, after] = [world.workspace().home, world.workspace().home]
    writeFileSync(transcriptIn(before), 'one\n')
    const sessions = openSessions(world.sessionsDir, Date.now)
    assert.equal(sessions.lay(id, after), false)
    assert.equal(sessions.keep(id, before), true)
    assert.equal(sessions.lay(id, after), true)
    assert.equal(readFileSync(transcriptIn(after), 'utf8'), 'one\n')
    assert.equal(statSync(world.sessionsDir).mode & 0o77, 0)
    writeFileSync(transcriptIn(before), 'two\n')
    assert.equal(sessions.keep(id, before), true)
    assert.equal(sessions.lay(id, after), true)
    assert.equal(readFileSync(transcriptIn(after), 'utf8'), 'two\n')
    sessions.forget(id)
    assert.equal(sessions.lay(id, after), false)
  })

  it('never hold a file of ours that an agent has linked into its home', async () => {
    await using world = createFakeWorld()
    const secret = join(world.dir, 'data', 'secret')
    writeFileSync(secret, 'the key')
    const sessions = openSessions(world.sessionsDir, Date.now)
    const linkings: ((home: string) => void)[] = [
      (home) => symlinkSync(secret, transcriptIn(home)),
      (home) => linkSync(secret, transcriptIn(home)),
      (home) => {
        mkdirSync(join(home, '.claude', 'projects'), { recursive: true })
        writeFileSync(join(world.dir, 'data', `${id}.jsonl`), 'the key')
        symlinkSync(join(world.dir, 'data'), join(home, '.claude', 'projects', 'link'))
      },
      (home) => {
        mkdirSync(join(world.dir, 'data', 'projects', 'p'), { recursive: true })
        writeFileSync(join(world.dir, 'data', 'projects', 'p', `${id}.jsonl`), 'the key')
        symlinkSync(join(world.dir, 'data'), join(home, '.claude'))
      },
      (home) => mkdirSync(transcriptIn(home)),
      () => {},
    ]
    for (const linking of linkings) {
      const { home } = world.workspace()
      linking(home)
      assert.equal(sessions.keep(id, home), false, String(linking))
    }
  })

  it('have plain names only, and are given up after a month', async () => {
    await using world = createFakeWorld()
    const { home } = world.workspace()
    writeFileSync(transcriptIn(home), 'one\n')
    const victim = join(world.dir, 'data', 'victim')
    mkdirSync(victim)
    writeFileSync(join(victim, '-work-checkout'), 'not a conversation')
    let now = Date.now()
    const sessions = openSessions(world.sessionsDir, () => now)
    for (const name of ['../victim', '../../etc/passwd', '', 'x'.repeat(36)]) {
      assert.equal(sessions.keep(name, home), false)
      assert.equal(sessions.lay(name, home), false)
      sessions.forget(name)
    }
    assert.deepEqual(readdirSync(victim), ['-work-checkout'])
    assert.equal(sessions.keep(id, home), true)
    const old = join(world.sessionsDir, 'left-over.new')
    mkdirSync(old)
    utimesSync(old, new Date(0), new Date(0))
    now += 1000
    assert.equal(sessions.keep(id, home), true)
    assert.deepEqual(readdirSync(world.sessionsDir), [id])
  })
})

describe('the probe', () => {
  it('tells the version, or in one sentence what is wrong with the program', async () => {
    await using world = createFakeWorld()
    assert.deepEqual(await world.runtime.probe(), { ok: true, version: '2.1.330', notes: [] })
    assert.deepEqual(world.doors.log, ['open probe anthropic off', 'close'])
    for (const [version, code, expected] of [
      ['1.0.83 (Claude Code)\n', 0, /is version 1\.0\.83, and Orch needs 2\.1\.330/],
      ['Usage: claude [options]\n', 0, /does not tell a version \(Usage/],
      ['', 0, /it said nothing/],
      ['cannot open shared object\n', 1, /failed \(exited, code 1\): cannot open/],
    ] as const) {
      world.plan([], { version, versionCode: code })
      const probed = await world.runtime.probe()
      assert.ok(!probed.ok)
      assert.match(probed.sentence, expected)
      assert.match(probed.sentence, /^[^\n]+\.$/)
    }
    const lost = await world.runtimeWith({ command: { sentence: 'It is nowhere.' } }).probe()
    assert.deepEqual(lost, { ok: false, sentence: 'It is nowhere.' })
  })

  it('tells whether it can authenticate', async () => {
    await using world = createFakeWorld()
    const none = await world.runtimeWith({ gateway: null }).probe()
    assert.match(none.ok ? '' : none.sentence, /no credential/)
    const subscribed = await world.runtimeWith({ gateway: null, subscriptionToken: 'x' }).probe()
    assert.match(subscribed.ok ? (subscribed.notes[0] ?? '') : '', /without the gateway/)
    const open = () => {
      throw new UserError('There is no key for anthropic: set one.')
    }
    assert.deepEqual(await world.runtimeWith({ gateway: { open } }).probe(), {
      ok: false,
      sentence: 'There is no key for anthropic: set one.',
    })
  })

  it('knows which version is older', () => {
    for (const older of ['2.1.329', '2.0.999', '1.9.999']) assert.ok(isOlder(older, OLDEST), older)
    for (const newer of [OLDEST, '2.1.1000', '2.2.0', '3.0.0']) assert.ok(!isOlder(newer, OLDEST), newer)
  })
})
