/** What must hold of the forge: who may move base, what may be merged, and that people's commits are left alone. */
import { headOf } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import type { Sha } from '#core/words.ts'
import type { RunRow } from '#engine/ports/store.ts'
import { BASE, type RefMove } from '../worlds/forge-world.ts'
import { passesCheck } from '../worlds/git.ts'
import { isGuardKept } from './scope.ts'
import type { Commit, OracleEnv, View } from './view.ts'

export interface ForgeCheck {
  /** Orch asks the forge to merge; nothing has happened yet. */
  onMergeCall(repo: string, number: number, head: Sha): void
  onMove(move: RefMove): void
  /** A person sends a task back: its next merge is new work. */
  onRework(task: Task): void
  afterCommit(commit: Commit): void
}

export function createForgeCheck(env: OracleEnv, view: () => View): ForgeCheck {
  const { worlds, witness, sometimes } = env
  const { git, forge } = worlds
  const asked = new Set<string>()
  const merges = new Map<string, RefMove & { readonly head: Sha }>()

  const onBase = (move: RefMove) => {
    const { repo, from, to, how, isLate } = move
    const head = to === null ? null : (git.get(to).parents[1] ?? null)
    if (how !== 'merge' || to === null || head === null)
      return witness.violated('base is moved by the forge’s merge alone', `Orch moved ${repo} by ${how}`)
    if (!asked.has(`${repo} ${head}`))
      witness.violated('every merge is asked for', `${head} was merged by Orch unasked`)
    const branch = forge.pulls(repo).find(({ merge }) => merge === to)?.head ?? '?'
    const earlier = merges.get(branch)
    // One that was made after Orch had given it up and had tested a newer head stays without a word of its own.
    if (earlier && !(earlier.isLate && earlier.head !== head))
      witness.violated('one merge per task', `${branch} was merged as ${earlier.to} and ${to}`)
    merges.set(branch, { ...move, head })
    if (isLate) sometimes.saw('merge: made late, after its caller had given up')
    if (from !== null && !git.isAncestor(from, head)) sometimes.saw('merge: base moved between intent and merge')
    if (git.get(to).content !== git.get(head).content) sometimes.saw('merge: the merged tree was not the tested tree')
  }

  return {
    onMergeCall(repo, number, head) {
      asked.add(`${repo} ${head}`)
      const pull = forge.pull(repo, number)
      const task = [...view().tasks.values()].find((one) => one.repo === repo && one.branch === pull?.head)
      if (task === undefined) return witness.violated('every merge is a task’s', `pull request #${number} of ${repo}`)
      const why = problemOf(env, view(), task, head)
      if (why !== null) witness.violated('only tested content is merged', `${task.key} at ${head.slice(0, 7)}: ${why}`)
    },
    onMove(move) {
      const { repo, branch, from, to, by, how } = move
      if (!by.isBot) return
      if (branch === BASE) return onBase(move)
      if (!branch.startsWith('orch/')) witness.violated('Orch moves its own branches', `${how} of ${branch}`)
      if (from !== null && to !== null && !git.isAncestor(from, to))
        witness.violated('nobody’s commits are overwritten', `${branch} went from ${from} to ${to}`)
      const isTheirs =
        from !== null && !git.get(from).by.startsWith('Orch') && from !== forge.tip(repo, BASE) && !isInBase(from, repo)
      if (to === null && isTheirs)
        witness.violated('nobody’s commits are overwritten', `${branch} was deleted at a person’s ${from}`)
    },
    onRework: ({ branch }) => void merges.delete(branch),
    afterCommit({ before, now }) {
      for (const [id, task] of now.tasks) {
        if (task.stage !== 'done' || before.tasks.get(id)?.stage === 'done') continue
        const merge = task.evidence.merge
        if (!merge || !git.isAncestor(merge.merge, forge.tip(task.repo, BASE) as Sha)) {
          witness.violated('done is merged', `${task.key} is done, and its merge is not in base`)
          continue
        }
        if (!passesCheck(git.get(merge.merge).files))
          witness.violated('done is not broken', `${task.key} is done, and ${merge.merge} fails the check command`)
        if (!wasChecked(env, task, merge.merge))
          witness.violated(
            'done is checked',
            `${task.key} is done, and nobody has checked the content of ${merge.merge}`,
          )
        sometimes.saw(merge.by === 'orch' ? 'end: done by Orch’s merge' : 'end: done by a person’s merge')
      }
    },
  }

  function isInBase(sha: Sha, repo: string): boolean {
    return git.isAncestor(sha, forge.tip(repo, BASE) as Sha)
  }
}

const wasChecked = ({ worlds: { processes, git } }: OracleEnv, task: Task, sha: Sha): boolean =>
  processes.checks.some(
    ({ task: key, content, passed }) => key === task.key && passed && content === git.get(sha).content,
  )

/** For so long a pull request may show the head from before a push. */
const LAG_MS = 6_000

/** Why this head must not be merged now; null where it may. Judged from what the worlds saw, not from evidence rows. */
function problemOf(env: OracleEnv, view: View, task: Task, head: Sha): string | null {
  const { git, processes, forge } = env.worlds
  const { content, files } = git.get(head)
  if (task.window?.head !== head) return `its window is ${task.window === null ? 'shut' : 'open for another head'}`
  if (!passesCheck(files)) return 'it fails the check command'
  if (!wasChecked(env, task, head)) return 'its content was never checked'
  const done = [...view.runs.values()].filter((run) => run.task === task.id && run.state === 'done').sort(byNumber)
  const last = (wanted: (run: RunRow) => boolean) => done.filter(wanted).at(-1)
  const check = last(({ kind }) => kind === 'check')
  const found = processes.checks.filter(({ task: key, at }) => key === task.key && at <= (check?.endedAt ?? 0)).at(-1)
  if (found?.content !== content || !found.passed) return 'the last check was of other content, or failed'
  const said = (role: string) => {
    const runs = new Set(done.filter((run) => run.role === role).map(({ id }) => id))
    return processes.sayings.filter(({ run, verdict }) => runs.has(run) && verdict !== null).at(-1)
  }
  const review = said('reviewer')
  if (review?.verdict !== 'APPROVED') return `the last review says ${review?.verdict ?? 'nothing'}`
  if (!comesCleanlyFrom(env, head, review.given)) return 'the review was of other content'
  const test = said('tester')
  if (test?.verdict !== 'PASS') return `the last test report says ${test?.verdict ?? 'nothing'}`
  if (git.get(test.given).content !== content) return 'the test report was of other content'
  if (!isGuardKept(env, task, head)) return 'nobody approved its change of protected files'
  const run = task.phase.is === 'running' ? view.runs.get(task.phase.run) : undefined
  const moved = [...forge.moves].reverse().find(({ repo, branch }) => repo === task.repo && branch === BASE)
  const base = forge.tip(task.repo, BASE) as Sha
  if (!git.isAncestor(base, head) && (moved?.at ?? 0) < (run?.startedAt ?? 0)) return 'it does not contain base'
  const pushed = [...forge.moves].reverse().find(({ repo, branch }) => repo === task.repo && branch === task.branch)
  if (forge.tip(task.repo, task.branch) !== head && (pushed?.at ?? 0) + LAG_MS < (run?.startedAt ?? 0))
    return 'the branch is somewhere else'
  return headOf(task) === head ? null : 'the task has another head by now'
}

/** Nothing but documents and base, merged without conflict, came between. */
function comesCleanlyFrom({ worlds: { git } }: OracleEnv, head: Sha, seen: Sha): boolean {
  for (let at: Sha | undefined = head; at !== undefined; ) {
    const commit = git.get(at)
    if (commit.content === git.get(seen).content) return true
    const parent: Sha | undefined = commit.parents[0]
    if (parent === undefined || (!commit.isCleanMerge && git.get(parent).content !== commit.content)) return false
    at = parent
  }
  return false
}

const byNumber = (a: RunRow, b: RunRow): number => Number(a.id.split('.')[1]) - Number(b.id.split('.')[1])
