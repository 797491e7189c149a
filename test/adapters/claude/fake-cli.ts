/**
 * A stand-in for the claude CLI, for machines without it and for what the real one never does. It speaks its stream of
 * messages, obeys its interrupt, keeps transcripts as it does, and plays what a plan says: `node fake-cli.ts <plan.json>
 * <arguments of the CLI>`. What it was given is left in `$HOME/seen.json`.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Act, Plan, Seen } from './fake.ts'

const MODEL = 'claude-sonnet-4-5'
const [planFile = '', ...args] = process.argv.slice(2)
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan
const option = (name: string): string | null => args[args.indexOf(name) + 1 || args.length] ?? null

if (args.includes('--version')) {
  process.stdout.write(plan.version)
  process.exit(plan.versionCode ?? 0)
}

const home = process.env.HOME ?? ''
const sessionId = option('--resume') ?? option('--session-id') ?? 'none'
const say = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ session_id: sessionId, ...message })}\n`)

// What the conversation has used is in its transcript: the CLI counts on from there.
const projects = join(home, '.claude', 'projects')
const transcript = (): string | null =>
  existsSync(projects)
    ? (readdirSync(projects)
        .map((folder) => join(projects, folder, `${sessionId}.jsonl`))
        .find((path) => existsSync(path)) ?? null)
    : null
const earlier = transcript()
const turnsBefore = earlier === null ? 0 : readFileSync(earlier, 'utf8').trim().split('\n').length
const remember = (): void => {
  const path = earlier ?? join(projects, process.cwd().replaceAll(/[^A-Za-z0-9]/g, '-'), `${sessionId}.jsonl`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '{"type":"turn"}\n'.repeat(turnsBefore + 1))
}

const used = (times: number) => ({
  [MODEL]: {
    inputTokens: 100 * times,
    outputTokens: 20 * times,
    cacheReadInputTokens: 3000 * times,
    cacheCreationInputTokens: 500 * times,
    costUSD: 0.003375 * times,
    costBasis: plan.costBasis ?? 'list',
  },
})
const result = (more: object): void =>
  say({
    type: 'result',
    subtype: 'success',
    is_error: false,
    num_turns: 1,
    api_error_status: null,
    terminal_reason: 'completed',
    stop_reason: 'end_turn',
    modelUsage: used(turnsBefore + 1),
    ...more,
  })

const begin = (): void => {
  const usage = { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 3000, cache_creation_input_tokens: 500 }
  say({ type: 'system', subtype: 'init', model: MODEL, claude_code_version: '2.1.330' })
  say({ type: 'a kind of message that nobody knows yet', data: [1] })
  say({ type: 'stream_event', event: { type: 'message_start', message: { id: 'm1', model: MODEL, usage } } })
}
const talk = (...content: object[]): void => {
  const usage = { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 3000, cache_creation_input_tokens: 500 }
  for (const block of content) say({ type: 'assistant', message: { id: 'm1', model: MODEL, content: [block], usage } })
  say({ type: 'stream_event', event: { type: 'message_delta', usage: { output_tokens: 20 } } })
}
const trouble = (error: string, more: object): void => {
  say({
    type: 'assistant',
    error,
    message: { id: 'm0', model: '<synthetic>', content: [{ type: 'text', text: error }] },
  })
  result({ is_error: true, terminal_reason: 'api_error', modelUsage: {}, ...more })
}

let isDeaf = false
let exitCode = 0
const endsItself = { yes: true }

const flood = async (bytes: number): Promise<void> => {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  for (let left = bytes; left > 0; left -= piece.length)
    if (!process.stdout.write(piece.subarray(0, left))) await new Promise((done) => process.stdout.once('drain', done))
}
/** A child in another session that obeys no signal, as a stubborn server that a test has started. */
const leaveDaemon = (): void => {
  const script = 'trap "" TERM INT HUP; while :; do sleep 1; done'
  spawn('setsid', ['sh', '-c', script, home], { stdio: 'ignore', detached: true }).unref()
}
const forever = (): void => {
  isDeaf = true
  endsItself.yes = false
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1 << 30)
}

const play = async (act: Act, told: string): Promise<void> => {
  switch (act.is) {
    case 'write':
      writeFileSync(join(process.cwd(), act.path), act.content)
      talk({ type: 'tool_use', name: 'Write', input: { file_path: act.path, content: act.content } })
      break
    case 'begin':
      begin()
      break
    case 'say':
      talk({ type: 'text', text: act.text })
      break
    case 'result':
      remember()
      result({ result: act.text, ...act.more })
      break
    case 'ask':
      remember()
      result({ result: /answer/.test(told) ? act.text : `I have looked.\n\nQUESTION: ${act.question}` })
      break
    case 'trouble':
      exitCode = 1
      trouble(act.error, act.more)
      break
    case 'line':
      say(act.message)
      break
    case 'print':
      process.stdout.write(Buffer.from(act.base64, 'base64'))
      break
    case 'complain':
      process.stderr.write(act.text)
      break
    case 'flood':
      await flood(act.bytes)
      break
    case 'exit':
      process.exit(act.code)
      break
    case 'wait-for-input':
      endsItself.yes = false
      break
    case 'chatter':
      endsItself.yes = false
      setInterval(() => say({ type: 'stream_event', event: { type: 'ping' } }), 100)
      break
    case 'stubborn':
      leaveDaemon()
      forever()
      break
    case 'linger':
      forever()
      break
    case 'daemon':
      leaveDaemon()
      break
  }
}

const startUp = async (text: string): Promise<void> => {
  const rules = option('--append-system-prompt-file')
  const seen: Seen = { args, env: process.env, text, cwd: process.cwd(), rules: rules && readFileSync(rules, 'utf8') }
  writeFileSync(join(home, 'seen.json'), JSON.stringify(seen))
  if (args.includes('--resume') && earlier === null) {
    process.stderr.write(`No conversation found with session ID: ${sessionId}\n`)
    result({
      subtype: 'error_during_execution',
      is_error: true,
      num_turns: 0,
      modelUsage: {},
      errors: ['No conversation'],
    })
    process.exit(1)
  }
  for (const act of plan.acts) await play(act, text)
}

const input = createInterface({ input: process.stdin })
let work: Promise<void> | null = null
input.on('line', (text) => {
  const message = JSON.parse(text) as { type: string; message?: { content: string } }
  if (message.type === 'user') work ??= startUp(message.message?.content ?? '')
  if (message.type !== 'control_request' || isDeaf) return
  exitCode = 1
  endsItself.yes = true
  say({ type: 'control_response', response: { subtype: 'success' } })
  result({ subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools', stop_reason: null })
})
input.on('close', async () => {
  await work
  if (endsItself.yes) process.exit(exitCode)
})
