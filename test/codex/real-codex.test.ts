/** The real codex CLI against a model server of ours, through the real gateway and in the real isolation. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { AgentResult, AgentSpec } from '../../src/engine/ports/runtime.ts'
import { createWorld, KEY, type World } from '../adapters/codex/world.ts'
import { realCodex, SKIPPED } from './installed.ts'
import { type Answer, type ModelRequest, type ModelServer, startModelServer } from './model-server.ts'

if (realCodex === null) process.stderr.write(`NOTICE: ${SKIPPED}\n`)

const shell = (cmd: string): Answer => ({ is: 'call', name: 'exec_command', input: { cmd } })
/** Runs one command and then says `text`. */
const afterCommand =
  (cmd: string, text: string) =>
  ({ results }: ModelRequest): Answer =>
    results.length === 0 ? shell(cmd) : { is: 'text', text }
const failureOf = (result: AgentResult) =>
  result.is === 'failed' ? result.failure : assert.fail(JSON.stringify(result))

async function withModel(
  answer: (request: ModelRequest) => Answer,
  story: (world: World, server: ModelServer) => Promise<void>,
): Promise<void> {
  const server = await startModelServer(answer)
  try {
    await using world = await createWorld(realCodex!, server.url)
    await story(world, server)
    assert.deepEqual(world.living(), [])
  } finally {
    await server.close()
  }
}

const PLANTED = {
  'AGENTS.md': 'What the repository tells agents.',
  '.codex/config.toml': [
    'model = "gpt-planted"',
    'developer_instructions = "planted instructions"',
    '[mcp_servers.planted]',
    'command = "touch"',
    'args = ["planted-by-server"]',
  ].join('\n'),
  '.codex/hooks.json': JSON.stringify({
    hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'touch planted-by-hook' }] }] },
  }),
  '.codex/rules/planted.rules': 'prefix_rule(pattern=["echo"], decision="forbidden")',
}

describe('the real codex', { skip: realCodex === null && SKIPPED, concurrency: 1 }, () => {
  it('works in its isolation, with the key on the other side', () =>
    withModel(
      afterCommand('echo made > made.txt; env; cat ~/.codex/config.toml', 'All done.'),
      async (world, server) => {
        const workspace = world.workspace('on', PLANTED)
        const { result, events } = await world.run(world.spec(workspace))
        const { usage, models } = result
        assert.deepEqual(
          { ...result, usage: {} },
          { is: 'completed', text: 'All done.', usage: {}, models: ['gpt-5.5'] },
        )
        const { sessionId, ...tokens } = usage
        assert.deepEqual(tokens, { input: 1200, cacheRead: 6000, cacheCreation: 0, output: 40 })
        assert.match(sessionId ?? '', /^[0-9a-f-]{36}$/)
        assert.deepEqual(models, ['gpt-5.5'])
        const inputs = events.flatMap((event) => (event.is === 'usage' ? [event.usage.input] : []))
        assert.deepEqual([...new Set(inputs)], [600, 1200])
        assert.equal(readFileSync(join(workspace.dir, 'made.txt'), 'utf8'), 'made\n')
        assert.ok(
          events.some((event) => event.is === 'tool' && event.name === 'shell' && event.detail.includes('made.txt')),
        )
        assert.ok(events.some((event) => event.is === 'text' && event.text === 'All done.'))

        const [first, second] = server.requests
        assert.equal(first?.headers.authorization, `Bearer ${KEY}`)
        assert.equal(first?.body.model, 'gpt-5.5')
        assert.equal(first?.body.reasoning?.effort, 'high')
        const [seen = ''] = second?.results ?? []
        assert.match(seen, /CODEX_HOME|HOME=/)
        assert.doesNotMatch(seen, new RegExp(KEY))
        assert.doesNotMatch(seen, /orch-[0-9a-f]{8}/)
      },
    ))

  it('hears the house and what the repository says, and heeds no setting, server, hook or rule of the repository', () =>
    withModel(afterCommand('echo allowed', 'Done.'), async (world, server) => {
      const workspace = world.workspace('on', PLANTED)
      const { result } = await world.run(world.spec(workspace))
      assert.equal(result.is, 'completed')
      const input = server.requests[0]?.body.input ?? []
      const said = (role: string) =>
        input
          .flatMap((item) => (item.role === role ? (item.content ?? []).map(({ text }) => text ?? '') : []))
          .join('\n')
      assert.match(said('developer'), /The rules of the house\./)
      assert.match(said('user'), /What the repository tells agents\./)
      assert.match(said('user'), /Do the task\./)
      assert.doesNotMatch(JSON.stringify(server.requests[0]?.body), /planted/)
      assert.match(server.requests[1]?.results[0] ?? '', /allowed/)
      for (const name of ['planted-by-server', 'planted-by-hook'])
        assert.ok(!existsSync(join(workspace.dir, name)), name)
    }))

  it('asks, and goes on with the conversation in a new home, counting only what is new', () =>
    withModel(
      ({ body }) => ({
        is: 'text',
        text: JSON.stringify(body.input).includes('Blue.')
          ? 'Blue it is.'
          : 'I looked.\nQUESTION: Red or blue?\nI would take blue.',
      }),
      async (world, server) => {
        const { result } = await world.run(world.spec(world.workspace('on')))
        assert.ok(result.is === 'asked' && result.session !== null, JSON.stringify(result))
        assert.equal(result.question, 'Red or blue?\nI would take blue.')
        const resume: AgentSpec['resume'] = { ...result.session, text: 'The answer: Blue.' }
        const second = await world.run(world.spec(world.workspace('on'), { run: '7.2', resume }))
        assert.ok(second.result.is === 'completed', JSON.stringify(second.result))
        assert.equal(second.result.text, 'Blue it is.')
        assert.deepEqual(
          { ...second.result.usage, sessionId: '' },
          { input: 600, cacheRead: 3000, cacheCreation: 0, output: 20, sessionId: '' },
        )
        const input = JSON.stringify(server.requests.at(-1)?.body.input)
        assert.equal(input.match(/Do the task\./g)?.length, 1)
        assert.match(input, /Red or blue\?/)
      },
    ))

  const faults: readonly (readonly [fault: string, answer: Answer, code: string, failureClass: string])[] = [
    [
      '429 with a short wait',
      { is: 'status', status: 429, headers: { 'retry-after': '1' } },
      'rate-limit',
      'transient',
    ],
    ['500', { is: 'status', status: 500 }, 'server', 'transient'],
    ['529', { is: 'status', status: 529 }, 'overloaded', 'transient'],
    ['401', { is: 'status', status: 401 }, 'auth', 'transient'],
    ['a cut stream', { is: 'cut' }, 'network', 'transient'],
    [
      'no room in the context',
      { is: 'failed', code: 'context_length_exceeded', message: 'x' },
      'context-too-long',
      'permanent',
    ],
    ['an empty message', { is: 'text', text: '' }, 'garbage-result', 'permanent'],
    [
      'an unknown model',
      {
        is: 'status',
        status: 404,
        body: '{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}',
      },
      'model',
      'permanent',
    ],
  ]
  for (const [fault, answer, code, failureClass] of faults)
    it(`tells ${fault} as ${code}`, () =>
      withModel(
        () => answer,
        async (world) => {
          const failure = failureOf((await world.run(world.spec(world.workspace('off')))).result)
          assert.deepEqual([failure.code, failure.class], [code, failureClass], failure.sentence)
        },
      ))

  it('does not sleep through a long wait: it gives the run back with the time that was asked for', () =>
    withModel(
      () => ({ is: 'status', status: 429, headers: { 'retry-after': '600' } }),
      async (world) => {
        const failure = failureOf((await world.run(world.spec(world.workspace('off')))).result)
        assert.deepEqual([failure.code, failure.retryAfterMs], ['rate-limit', 600_000])
      },
    ))

  it('ends when the provider cannot be reached, and says so', async () => {
    await using world = await createWorld(realCodex!, 'http://127.0.0.1:9')
    const failure = failureOf((await world.run(world.spec(world.workspace('on')))).result)
    assert.deepEqual([failure.code, failure.class], ['network', 'transient'], failure.sentence)
  })

  it('is found stalled when the provider falls silent', () =>
    withModel(
      () => ({ is: 'silence' }),
      async (world) => {
        const limits = { timeoutMs: 60_000, stallMs: 2_000, graceMs: 300 }
        const failure = failureOf((await world.run(world.spec(world.workspace('on'), { limits }))).result)
        assert.deepEqual([failure.code, failure.class], ['stalled', 'permanent'])
      },
    ))

  for (const sandbox of ['on', 'off'] as const)
    it(`is stopped in the middle of a command that heeds no signal, and nothing stays (sandbox ${sandbox})`, () =>
      withModel(
        () => shell(`trap "" TERM INT HUP; setsid sh -c 'trap "" TERM; sleep 300' "$PWD" & touch begun; sleep 300; :`),
        async (world) => {
          const run = world.runtime.start(world.spec(world.workspace(sandbox)))
          for await (const event of run.events) if (event.is === 'tool') run.stop('cancelled')
          const result = await run.result
          assert.deepEqual([result.is, result.is === 'stopped' && result.reason], ['stopped', 'cancelled'])
          // The CLI says nothing of it at such an end; the gateway has counted.
          assert.equal(result.usage.input, 600)
        },
      ))

  it('cannot write beside its checkout without our isolation either', () =>
    withModel(
      ({ results }) =>
        results.length === 0 ? shell('echo in > inside; echo out > ../outside; :') : { is: 'text', text: 'Tried.' },
      async (world) => {
        const workspace = world.workspace('off')
        await world.run(world.spec(workspace))
        assert.ok(existsSync(join(workspace.dir, 'inside')))
        assert.ok(!existsSync(join(workspace.dir, '..', 'outside')))
      },
    ))

  it('is probed', async () => {
    await using world = await createWorld(realCodex!, 'http://127.0.0.1:9')
    const probe = await world.runtime.probe()
    assert.ok(probe.ok && probe.version === '0.169.0', JSON.stringify(probe))
  })
})
