/**
 * What Orch costs beside an agent: from the claim of a run to its program, from the program's end to the next decision,
 * memory, endless output, and the way through the gateway. Each figure stands beside its like without Orch, of this run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGateway } from '../src/adapters/gateway/index.ts'
import { createProcesses } from '../src/adapters/process/processes.ts'
import { createScriptedRuntime } from '../src/adapters/scripted/index.ts'
import { systemClock, systemIds } from '../src/adapters/system/clock.ts'
import type { AgentRuntime, AgentSpec } from '../src/engine/ports/runtime.ts'
import { silent } from '../test/chaos/world.ts'

export const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN
const median = (values: readonly number[]) => quantile(values, 0.5)
const MB = 1e6
const PATH = process.env.PATH ?? '/usr/bin:/bin'
const PROGRAM = fileURLToPath(new URL('../src/adapters/scripted/program.ts', import.meta.url))
const HANGS = 'scripted: developer hang'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const rss = () => {
  gc()
  return process.memoryUsage.rss()
}

export interface Bench {
  readonly runtime: AgentRuntime
  /** A run whose agent hangs until it is killed. */
  spec(run: string): Promise<AgentSpec>
}

export function createBench(folder: string): Bench {
  const processes = createProcesses({ env: { PATH }, tmpDir: folder })
  const env = { PATH, LANG: 'C.UTF-8' }
  return {
    runtime: createScriptedRuntime({ processes, node: process.execPath, env }),
    async spec(run) {
      const dir = await mkdtemp(join(folder, 'space-'))
      for (const name of ['home', 'tmp']) await mkdir(join(dir, name))
      const task = { key: 'B-1', title: 'bench', description: HANGS, folder: 'docs/tasks/B-1/' }
      return {
        run,
        role: 'developer',
        workspace: { dir, home: join(dir, 'home'), tmp: join(dir, 'tmp'), given: '0', sandbox: { is: 'off' } },
        prompt: { text: '', rules: '', task, artefact: null, notes: [] },
        choice: { model: null, effort: null, fallback: null },
        limits: { timeoutMs: 60_000, stallMs: 60_000, graceMs: 100 },
        egress: [],
        resume: null,
      }
    },
  }
}

/** The same program without Orch: from its start to its first line, in milliseconds. */
export async function bareStarts(count: number): Promise<readonly number[]> {
  const taken: number[] = []
  for (let n = 0; n < count; n += 1) {
    const began = performance.now()
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.end(JSON.stringify({ role: 'developer', prompt: { task: { description: HANGS }, notes: [] } }))
    await once(child.stdout, 'data')
    taken.push(performance.now() - began)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return taken
}

/** Growth of Orch's own memory by each of ten agents that are there and do nothing, in bytes. */
export async function memoryPerAgent({ runtime, spec }: Bench): Promise<number> {
  const started = async (run: string) => {
    const agent = runtime.start(await spec(run))
    const heard = Promise.withResolvers<void>()
    const followed = (async () => {
      for await (const event of agent.events) if (event.is === 'text') heard.resolve()
    })()
    await heard.promise
    return { agent, followed }
  }
  const stop = async ({ agent, followed }: Awaited<ReturnType<typeof started>>) => {
    agent.stop('shutdown')
    await Promise.all([agent.result, followed])
  }
  // The first one pays for what all of them share.
  await stop(await started('0.1'))
  const before = rss()
  const agents = await Promise.all(Array.from({ length: 10 }, (_, n) => started(`1.${n}`)))
  const grown = rss() - before
  await Promise.all(agents.map(stop))
  return grown / agents.length
}

/** A program that prints lines as fast as they are taken: its speed, and how far Orch's memory grew meanwhile. */
export async function flood(folder: string, bytes: number): Promise<{ mbPerS: number; grownMb: number }> {
  const processes = createProcesses({ env: { PATH }, tmpDir: folder })
  const script = `const line = 'x'.repeat(999) + '\\n', many = line.repeat(64); let left = ${bytes};
    (function go() { while (left > 0) { left -= many.length; if (!process.stdout.write(many)) return process.stdout.once('drain', go) } })()`
  const before = rss()
  let peak = before
  let seen = 0
  const look = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  const began = performance.now()
  const running = processes.start({
    argv: [process.execPath, '-e', script],
    cwd: folder,
    env: { PATH },
    sandbox: { is: 'off' },
    timeoutMs: 60_000,
    graceMs: 100,
    tailBytes: 8_192,
    onLine: (line) => {
      seen += line.length + 1
    },
  })
  const ended = await running.result
  const seconds = (performance.now() - began) / 1_000
  clearInterval(look)
  if (ended.code !== 0 || seen < bytes) throw new Error(`the printing program ended with ${ended.code} after ${seen} B`)
  return { mbPerS: seen / MB / seconds, grownMb: (peak - before) / MB }
}

export interface Way {
  readonly p50Ms: number
  readonly mbPerS: number
}

/** The same requests straight to a server of ours and through the gateway. */
export async function gatewayWays(folder: string): Promise<{ direct: Way; through: Way }> {
  const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x'.repeat(60) } }
  const piece = `event: content_block_delta\ndata: ${JSON.stringify(text)}\n\n`.repeat(20)
  const answer = '{"type":"message","model":"m","usage":{"input_tokens":1,"output_tokens":1}}'
  const upstream = createServer((asked, told) => {
    asked.resume().on('end', async () => {
      if (!asked.headers['x-stream'])
        return void told.writeHead(200, { 'content-type': 'application/json' }).end(answer)
      told.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let n = 0; n < 3_000; n += 1) if (!told.write(piece)) await once(told, 'drain')
      told.end()
    })
  })
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  const { port } = upstream.address() as AddressInfo
  const gateway = createGateway({
    dir: join(folder, 'gateway'),
    tmpDir: folder,
    providers: () => ({ acme: { upstream: `http://127.0.0.1:${port}`, key: 'k', style: 'anthropic' } }),
    node: process.execPath,
    ids: systemIds,
    clock: systemClock,
    log: silent,
  })
  await gateway.start()
  const door = gateway.open({ run: '1.1', provider: 'acme', sandbox: 'off', egress: [] })
  const agent = new Agent({ keepAlive: true })
  const call = (to: number, more: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const headers = { 'x-api-key': door.token, ...more }
      const asked = request({ agent, host: '127.0.0.1', port: to, method: 'POST', path: '/v1/messages', headers })
      asked.on('error', reject).on('response', (told) => {
        let bytes = 0
        told.on('data', (data: Buffer) => {
          bytes += data.length
        })
        told.on('end', () => (told.statusCode === 200 ? resolve(bytes) : reject(new Error(`${told.statusCode}`))))
      })
      asked.end('x'.repeat(60_000))
    })
  const measured = async (to: number): Promise<Way> => {
    for (let n = 0; n < 100; n += 1) await call(to)
    const taken: number[] = []
    for (let n = 0; n < 400; n += 1) {
      const began = performance.now()
      await call(to)
      taken.push(performance.now() - began)
    }
    const began = performance.now()
    const bytes = await call(to, { 'x-stream': '1' })
    return { p50Ms: median(taken), mbPerS: (bytes / MB / (performance.now() - began)) * 1_000 }
  }
  try {
    return { direct: await measured(port), through: await measured(Number(new URL(door.url).port)) }
  } finally {
    agent.destroy()
    await gateway.close()
    upstream.closeAllConnections()
    upstream.close()
  }
}
