/**
 * Stands in for the codex CLI: checks what it was started with as the real one would, and plays the steps that its prompt
 * holds as JSON in its first line. With `--version` it tells the version in the file `version` beside the script that starts it.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

export type Step =
  | { readonly do: 'print'; readonly line: string }
  /** As it is, without a newline; base64. */
  | { readonly do: 'bytes'; readonly base64: string; readonly times?: number }
  | { readonly do: 'stderr'; readonly line: string }
  | { readonly do: 'thread' }
  /** One request to the model, as the settings say where it is. */
  | { readonly do: 'ask-model' }
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'chatter' }
  | { readonly do: 'turn'; readonly text: string; readonly usage?: object }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'hang' }
  | { readonly do: 'ignore-signals' }
  /** A process in a session of its own that ignores SIGTERM. */
  | { readonly do: 'daemon' }
  /** Until somebody has made the file. */
  | { readonly do: 'await-file'; readonly path: string }
  | { readonly do: 'write-file'; readonly path: string; readonly text: string }
  | { readonly do: 'kill'; readonly signal: NodeJS.Signals }
  | { readonly do: 'exit'; readonly code: number }

const SESSION = '01a204aa-e700-76c0-b57f-fb1c2f41b23f'
const USAGE = { input_tokens: 1000, cached_input_tokens: 800, cache_write_input_tokens: 50, output_tokens: 30 }

const [, , fakeDir = '', ...args] = process.argv
const { HOME = '', CODEX_HOME = '' } = process.env
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

async function play(step: Step): Promise<void> {
  switch (step.do) {
    case 'print':
      return void process.stdout.write(`${step.line}\n`)
    case 'bytes': {
      const bytes = Buffer.from(step.base64, 'base64')
      for (let i = 0; i < (step.times ?? 1); i += 1)
        if (!process.stdout.write(bytes)) await new Promise((resolve) => process.stdout.once('drain', resolve))
      return
    }
    case 'stderr':
      return void process.stderr.write(`${step.line}\n`)
    case 'thread':
      print({ type: 'thread.started', thread_id: sessionId })
      return print({ type: 'turn.started' })
    case 'ask-model': {
      const config = readFileSync(join(CODEX_HOME, 'config.toml'), 'utf8')
      const url = /^base_url = "(.*)"$/m.exec(config)?.[1] ?? ''
      const headers = { authorization: `Bearer ${process.env.ORCH_MODEL_TOKEN}`, 'content-type': 'application/json' }
      const answer = await fetch(`${url}/responses`, { method: 'POST', headers, body: '{"model":"gpt-played"}' })
      return void (await answer.text())
    }
    case 'say':
      return print({ type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: step.text } })
    case 'chatter':
      for (;;) {
        print({ type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'And another thing.' } })
        await delay(20)
      }
    case 'turn':
      print({ type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: step.text } })
      return print({ type: 'turn.completed', usage: step.usage ?? USAGE })
    case 'wait':
      return delay(step.ms)
    case 'hang':
      return new Promise(() => setInterval(() => {}, 1 << 30))
    case 'ignore-signals':
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {})
      return
    case 'daemon': {
      const script = 'trap "" TERM; while :; do sleep 1; done'
      spawn('sh', ['-c', script, HOME], { detached: true, stdio: 'ignore' }).unref()
      return
    }
    case 'await-file':
      while (!existsSync(step.path)) await delay(10)
      return
    case 'write-file':
      mkdirSync(dirname(step.path), { recursive: true })
      return writeFileSync(step.path, step.text)
    case 'kill':
      process.kill(process.pid, step.signal)
      return delay(60_000)
    case 'exit':
      process.exit(step.code)
  }
}

let sessionId = SESSION
if (args[0] === '--version') process.stdout.write(readFileSync(join(fakeDir, 'version'), 'utf8'))
else {
  const config = readFileSync(join(CODEX_HOME, 'config.toml'), 'utf8')
  writeFileSync(join(HOME, 'started.json'), JSON.stringify({ args, env: process.env, config }))
  const sessions = join(CODEX_HOME, 'sessions')
  if (args[1] === 'resume') {
    sessionId = args.at(-2) ?? ''
    if (!readdirSync(sessions).some((name) => name.endsWith(`-${sessionId}.jsonl`))) {
      process.stderr.write(
        `Error: thread/resume: thread/resume failed: no rollout found for thread id ${sessionId} (code -32600)\n`,
      )
      process.exit(1)
    }
  } else {
    mkdirSync(join(sessions, '2026', '11', '22'), { recursive: true })
    writeFileSync(
      join(sessions, '2026', '11', '22', `rollout-2026-11-22T10-00-00-${sessionId}.jsonl`),
      '{"a":"record"}\n',
    )
  }
  const prompt = await text(process.stdin)
  const steps: readonly Step[] = prompt.startsWith('[')
    ? JSON.parse(prompt.split('\n', 1)[0] ?? '')
    : [{ do: 'thread' }, { do: 'turn', text: 'Done.' }]
  for (const step of steps) await play(step)
}
