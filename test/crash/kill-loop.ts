/**
 * `kill -9` of the running process at every stage of the demo, again and again on one task, and then the end must be what
 * it would have been: one pull request, one merge, one comment of each kind, nothing left running.
 * `node test/crash/kill-loop.ts [--rounds 2]`
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded/index.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { WORK_STAGES } from '../../src/core/words.ts'

const { now, sleep } = systemClock
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Runs the demo until a line of `stage` is told and `delayMs` more, then kills it; null when it ended before. */
function killAt(
  data: string,
  stage: string,
  delayMs: number,
): Promise<{ killed: boolean; code: number | null; firstRunMs: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'demo', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] })
    const begun = now()
    let firstRunMs: number | null = null
    let armed = false
    let killed = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (firstRunMs === null && /run [0-9.]+ (started|finished)/.test(text)) firstRunMs = now() - begun
      if (!armed && new RegExp(`^\\d\\d:\\d\\d {2}${stage} `, 'm').test(text)) {
        armed = true
        setTimeout(() => {
          killed = child.kill('SIGKILL')
        }, delayMs)
      }
    })
    child.on('exit', (code) => resolve({ killed: killed && code === null, code, firstRunMs }))
  })
}

/** Processes whose environment or command names the data folder; nobody may be left once Orch is gone. */
async function leftovers(data: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
      const cwd = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return command.includes(data) || cwd.includes(data) ? [`${pid}: ${command.slice(0, 120)}`] : []
    }),
  )
  return found.flat()
}

async function noneLeft(data: string, withinMs: number): Promise<string[]> {
  const until = now() + withinMs
  let left = await leftovers(data)
  while (left.length > 0 && now() < until) {
    await sleep(50)
    left = await leftovers(data)
  }
  return left
}

async function audit(folder: string): Promise<string[]> {
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), env: process.env, log() {} })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const rows = async <T>(sql: string): Promise<T[]> => (await client.query(sql)).rows as T[]
  try {
    const wrong: string[] = []
    const tasks = await rows<{ key: string; stage: string }>('select key, stage from orch.task')
    if (tasks.length !== 1 || tasks[0]?.stage !== 'done') wrong.push(`tasks: ${JSON.stringify(tasks)}`)
    const prs = await rows<{ state: string }>('select state from local.pull_requests')
    if (prs.length !== 1 || prs[0]?.state !== 'merged') wrong.push(`pull requests: ${JSON.stringify(prs)}`)
    const items = await rows<{ n: string }>('select count(*) n from local.items')
    if (Number(items[0]?.n) !== 1) wrong.push(`work items: ${items[0]?.n}`)
    const comments = await rows<{ kind: string; n: string }>(`
      select c.by || ': ' || regexp_replace(c.text, '[0-9a-f]{10}.*$', '') as kind, count(*) n from local.comments c group by 1 having count(*) > 1`)
    for (const { kind, n } of comments) wrong.push(`said ${n} times: ${kind.slice(0, 100)}`)
    const doubled = await rows<{ stage: string; kind: string; n: string }>(
      `select stage, kind, count(*) n from orch.run where state = 'done' group by stage, kind, role having count(*) > 1`,
    )
    for (const { stage, kind, n } of doubled) wrong.push(`${n} finished runs of kind ${kind} in ${stage}`)
    const open = await rows<{ n: string }>(`select count(*) n from orch.effect where state in ('pending', 'started')`)
    if (Number(open[0]?.n) !== 0) wrong.push(`${open[0]?.n} effects are not settled`)
    const live = await rows<{ n: string }>(
      `select count(*) n from orch.run where state in ('ready', 'admitted', 'cancelling')`,
    )
    if (Number(live[0]?.n) !== 0) wrong.push(`${live[0]?.n} runs are not ended`)
    const merges = execFileSync(
      'git',
      ['-C', join(folder, 'forge', 'sample.git'), 'log', '--merges', '--format=%H', 'main'],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
    if (merges.length !== 1) wrong.push(`${merges.length} merge commits in main`)
    const branches = execFileSync(
      'git',
      ['-C', join(folder, 'forge', 'sample.git'), 'branch', '--format=%(refname:short)'],
      { encoding: 'utf8' },
    ).trim()
    if (branches !== 'main') wrong.push(`branches left: ${branches.replaceAll('\n', ', ')}`)
    const workspaces = await readdir(join(folder, 'workspaces'))
    if (workspaces.length > 0) wrong.push(`workspaces left: ${workspaces.join(', ')}`)
    return wrong
  } finally {
    await client.end()
    await server.stop()
  }
}

async function round(number: number): Promise<{ wrong: string[]; kills: number; recoveries: number[] }> {
  const data = await mkdtemp(join(tmpdir(), 'orch-kill-'))
  const wrong: string[] = []
  const recoveries: number[] = []
  let kills = 0
  try {
    for (const [index, stage] of WORK_STAGES.entries()) {
      const { killed, code, firstRunMs } = await killAt(data, stage, ((index * 7 + number * 3) % 10) * 130)
      if (index > 0 && firstRunMs !== null) recoveries.push(firstRunMs)
      if (!killed) {
        if (code !== 0) wrong.push(`the demo ended with ${code} in ${stage}`)
        break
      }
      kills += 1
      for (const line of await noneLeft(data, 5_000)) wrong.push(`alive 5 s after kill -9 in ${stage}: ${line}`)
    }
    // Where the last kill came too late for the process, the task is done already and a new demo would open another.
    const left = await killAt(data, 'no such stage', 0)
    if (left.code !== 0) wrong.push(`the last run ended with ${left.code}`)
    wrong.push(...(await audit(join(data, 'sample'))))
    for (const line of await noneLeft(data, 3_000)) wrong.push(`left running: ${line}`)
    return { wrong, kills, recoveries }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

const asked = process.argv.indexOf('--rounds')
const rounds = asked < 0 ? 2 : Number(process.argv[asked + 1])
let failed = 0
let kills = 0
const recoveries: number[] = []
for (let number = 1; number <= rounds; number++) {
  const result = await round(number)
  for (const line of result.wrong) console.error(`round ${number}: ${line}`)
  failed += result.wrong.length > 0 ? 1 : 0
  kills += result.kills
  recoveries.push(...result.recoveries)
}
recoveries.sort((a, b) => a - b)
console.log(
  `kill-loop: ${kills} kills -9 in ${rounds} rounds; from a restart to the next run's start p50 ${recoveries[Math.floor(recoveries.length / 2)] ?? '–'} ms, worst ${recoveries.at(-1) ?? '–'} ms`,
)
console.log(`${rounds - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
