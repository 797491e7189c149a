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

/**
 * Each finds something done twice, left undone or lost. The demo opens a second task where the first has ended before
 * its kill came; then all of this holds for each of them, and none may have been opened while another was unfinished.
 */
const EXPECTED_NONE = [
  "select key || ' is ' || stage as line from orch.task where stage <> 'done'",
  `select b.key || ' was opened before ' || a.key || ' had ended' from orch.task a join orch.task b on b.number = a.number + 1
    where b.created_at < (a.state->'phase'->>'since')::bigint`,
  `select i.key || ' has ' || count(t.id) || ' tasks' from local.items i left join orch.task t on t.item_id = i.id
    group by i.key having count(t.id) <> 1`,
  `select t.key || ' has pull requests: ' || coalesce(string_agg(p.state, ', '), 'none') from orch.task t
    left join local.pull_requests p on p.head = t.state->>'branch'
    group by t.key having coalesce(string_agg(p.state, ', '), '') <> 'merged'`,
  `select i.key || ': said ' || count(*) || ' times by ' || c.by || ': ' || left(min(c.text), 100)
    from local.comments c join local.items i on i.id = c.item
    group by i.key, c.by, regexp_replace(c.text, '[0-9a-f]{10}.*$', '') having count(*) > 1`,
  `select t.key || ': ' || count(*) || ' finished runs of kind ' || r.kind || ' in ' || r.stage from orch.run r
    join orch.task t on t.id = r.task where r.state = 'done' group by t.key, r.stage, r.kind, r.role having count(*) > 1`,
  `select t.key || ': effect ' || e.key || ' is ' || e.state from orch.effect e join orch.task t on t.id = e.task
    where e.state not in ('done', 'skipped')`,
  `select 'run ' || id || ' is ' || state from orch.run where state in ('ready', 'admitted', 'cancelling')`,
]

async function audit(folder: string): Promise<string[]> {
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), env: process.env, log() {} })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const rows = async <T>(sql: string): Promise<T[]> => (await client.query(sql)).rows as T[]
  try {
    const wrong: string[] = []
    for (const { line } of await rows<{ line: string }>(EXPECTED_NONE.join(' union all '))) wrong.push(line)
    const keys = (await rows<{ key: string }>('select key from orch.task order by number')).map(({ key }) => key)
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', join(folder, 'forge', 'sample.git'), ...args], { encoding: 'utf8' })
        .trim()
        .split('\n')
    const merges = git('log', '--merges', '--format=%H', 'main').length
    if (merges !== keys.length) wrong.push(`${merges} merge commits in main for ${keys.join(', ')}`)
    const branches = git('branch', '--format=%(refname:short)').join(', ')
    if (branches !== 'main') wrong.push(`branches left: ${branches}`)
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
