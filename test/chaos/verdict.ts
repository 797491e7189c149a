/** What the agents themselves wrote, held against what was promised. Pure. */

export interface Life {
  readonly repo: string
  readonly role: string
  readonly run: string
  readonly task: number
  readonly host: string
  /** First and last word, milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

export interface Interval {
  readonly repo: string
  readonly from: number
  readonly to: number
}

/** `<repo>_<role>_<task>.<n>_<delivery>_<host>_<ms>` and the times in it; null for an agent that wrote nothing. */
export function lifeOf(file: string, text: string): Life | null {
  const times = text.split('\n').filter(Boolean).map(Number).filter(Number.isFinite)
  const [repo, role, run, , host] = file.split('_')
  if (times.length === 0 || !repo || !role || !run || !host) return null
  return {
    repo,
    role,
    run,
    task: Number(run.split('.')[0]),
    host,
    from: times[0] as number,
    to: times.at(-1) as number,
  }
}

const overlapping = (lives: readonly Life[]): [Life, Life][] => {
  const sorted = [...lives].sort((a, b) => a.from - b.from)
  const found: [Life, Life][] = []
  let latest: Life | null = null
  for (const life of sorted) {
    if (latest !== null && life.from <= latest.to) found.push([latest, life])
    if (latest === null || life.to > latest.to) latest = life
  }
  return found
}

const most = (lives: readonly Life[]): number => {
  const points = lives.flatMap(({ from, to }) => [
    [from, 1],
    [to, -1],
  ]) as [number, number][]
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let now = 0
  return points.reduce((max, [, step]) => {
    now += step
    return Math.max(max, now)
  }, 0)
}

const groups = <K extends string | number>(lives: readonly Life[], key: (life: Life) => K): Map<K, Life[]> => {
  const map = new Map<K, Life[]>()
  for (const life of lives) map.set(key(life), [...(map.get(key(life)) ?? []), life])
  return map
}

export interface Promises {
  readonly caps: { readonly total: number; readonly perRole: Readonly<Record<string, number>> }
  readonly freezes: readonly Interval[]
  readonly stops: readonly { readonly task: number; readonly at: number }[]
  /** Task by task, when it was let in. */
  readonly letIn: readonly { readonly task: number; readonly repo: string; readonly at: number }[]
  /** Tasks that are neither done nor cancelled. */
  readonly unfinished: readonly string[]
  /** Merges recorded per task. */
  readonly merges: ReadonlyMap<number, number>
}

/** Every broken promise, in words; empty when all were kept. */
export function judge(lives: readonly Life[], promises: Promises): readonly string[] {
  const broken: string[] = []
  for (const [task, own] of groups(lives, (life) => life.task))
    for (const [a, b] of overlapping(own))
      broken.push(`two agents of task ${task} at once: ${a.run} on ${a.host} and ${b.run} on ${b.host}`)
  for (const [repo, own] of groups(lives, (life) => life.repo))
    for (const [a, b] of overlapping(own))
      if (a.task !== b.task) broken.push(`two tasks in the lane of ${repo} at once: ${a.run} and ${b.run}`)
  if (most(lives) > promises.caps.total) broken.push(`${most(lives)} runs at once, ${promises.caps.total} are allowed`)
  for (const [role, cap] of Object.entries(promises.caps.perRole)) {
    const found = most(lives.filter((life) => life.role === role))
    if (found > cap) broken.push(`${found} ${role}s at once, ${cap} are allowed`)
  }
  for (const { repo, from, to } of promises.freezes) {
    for (const one of promises.letIn)
      if (one.repo === repo && one.at > from && one.at < to)
        broken.push(`task ${one.task} was let in while ${repo} was frozen`)
  }
  for (const { task, at } of promises.stops)
    for (const life of lives)
      if (life.task === task && life.from > at + 500)
        broken.push(`run ${life.run} started ${life.from - at} ms after its task was stopped`)
  const byRepo = new Map<string, number>()
  for (const { repo, task } of [...promises.letIn].sort((a, b) => a.at - b.at)) {
    if (task < (byRepo.get(repo) ?? 0)) broken.push(`task ${task} was let in after a later one of ${repo}`)
    byRepo.set(repo, Math.max(task, byRepo.get(repo) ?? 0))
  }
  for (const key of promises.unfinished) broken.push(`${key} never ended`)
  for (const [task, count] of promises.merges) if (count > 1) broken.push(`task ${task} was merged ${count} times`)
  return broken
}
