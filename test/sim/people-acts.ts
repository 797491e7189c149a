/** What people may do next, each with its weight; most of it is what people do, some of it is what nobody should. */
import { approvalSubject, headOf } from '#core/evidence.ts'
import { exitsOf } from '#core/holds.ts'
import type { Task } from '#core/model.ts'
import { isFinalStage, WORK_STAGES } from '#core/words.ts'
import { MALLORY, type People, type PeopleEnv, ROBOT } from './people.ts'
import type { Plan } from './plan.ts'
import { BASE, type Hand } from './worlds/forge-world.ts'

export interface Crowd extends PeopleEnv {
  readonly plan: Plan
  readonly people: People
  /** Subjects that somebody has seen once. */
  readonly seenSubjects: Map<number, string>
}

export type Act = (crowd: Crowd, tasks: readonly Task[]) => void | Promise<void>

const some = ({ random }: Crowd, tasks: readonly Task[], wanted: (task: Task) => boolean): Task | null => {
  const fitting = tasks.filter(wanted)
  return fitting.length === 0 ? null : random.pick(fitting)
}
const isOpen = (task: Task) => !isFinalStage(task.stage)
const waits = (task: Task) => task.phase.is === 'waiting' && task.phase.on === 'approval'
const hand = ({ people }: Crowd): Hand => ({ name: people.who().name, isBot: false })

const open: Act = ({ plan, random, people, worlds: { tracker }, note }) => {
  if (tracker.items.length >= plan.items) return
  const { id } = random.pick(plan.projects)
  const title = `wish ${tracker.items.length + 1}`
  if (random.chance(0.25)) return people.requestItem(id, title)
  const by = people.who()
  const item = tracker.create(id, { title, description: 'please', priority: random.between(0, 4), requestId: title })
  note(`${by.name} moves ${item.key} to To Analyse`)
  tracker.move(item.id, 'to-analyse', by)
}

const approve: Act = (crowd, tasks) => {
  const task = some(
    crowd,
    tasks,
    (one) => waits(one) || (one.phase.is === 'held' && one.phase.reason === 'protected-paths'),
  )
  if (task !== null) crowd.people.approve(task, crowd.random.pick(['comment', 'comment', 'subject', 'blind']))
}

const approveStale: Act = (crowd, tasks) => {
  const { seenSubjects, people } = crowd
  const task = some(crowd, tasks, waits)
  if (task === null) return
  const stale = seenSubjects.get(task.id)
  if (stale !== undefined && stale !== approvalSubject(task)) people.request(task, { is: 'approve', subject: stale })
  seenSubjects.set(task.id, approvalSubject(task))
}

/** Somebody looks, somebody edits, and only then the approval of the one who looked arrives. */
const approveOvertaken: Act = (crowd, tasks) => {
  const { people, worlds, random } = crowd
  const task = some(crowd, tasks, waits)
  if (task === null) return
  const by = people.who()
  const later = (what: string, ms: number, act: () => void) =>
    worlds.scheduler.later(worlds.scheduler.actor('people'), `${by.name} ${what} ${task.key}`, ms, act)
  if (random.chance(0.5)) people.approve(task, 'comment')
  else {
    const [subject, seen] = [approvalSubject(task), people.subjectOf(task, task.item)]
    later('approves what they saw of', random.between(1_000, 40_000), () => people.approveAsSeen(task, subject, seen))
  }
  const description = `changed ${random.between(0, 1e6)}`
  later('edits', random.between(0, 3_000), () => worlds.tracker.edit(task.item.id, { description }, by))
}

const reworkAnalysis: Act = (crowd, tasks) => {
  const task = some(crowd, tasks, (one) => one.phase.is === 'held' && one.evidence.approval !== undefined)
  if (task !== null) crowd.people.request(task, { is: 'rework', why: 'think again', to: 'analysis' })
}

const rework: Act = (crowd, tasks) => {
  const { random, people } = crowd
  const task = some(crowd, tasks, (one) => isOpen(one) && (waits(one) || one.phase.is === 'held' || random.chance(0.1)))
  if (task === null) return
  if (random.chance(0.5)) return people.comment(task, ':rework: not like this')
  people.request(task, {
    is: 'rework',
    why: 'not like this',
    ...(random.chance(0.5) ? { to: random.pick(WORK_STAGES) } : {}),
  })
}

export const stop: Act = (crowd, tasks) => {
  const { random, people, acts, worlds } = crowd
  const task = some(crowd, tasks, (one) => isOpen(one) || random.chance(0.1))
  if (task === null) return
  if (random.chance(0.4)) return people.request(task, { is: 'stop' })
  acts.stops.push({ item: task.item.id, at: worlds.scheduler.now(), isCertain: true })
  if (random.chance(0.5)) return people.comment(task, ':stop:')
  crowd.note(`a person moves ${task.key} to Stop`)
  worlds.tracker.move(task.item.id, 'stop', people.who())
}

/** STOP while the merge is on its way: rare by chance alone, so somebody waits for the moment. */
const stopInWindow: Act = (crowd, tasks) => {
  const task = some(crowd, tasks, (one) => one.window !== null)
  if (task !== null) crowd.people.request(task, { is: 'stop' })
}

const answerHold: Act = (crowd, tasks) => {
  const { random, people } = crowd
  const task = some(crowd, tasks, (one) => one.phase.is === 'held')
  if (task?.phase.is !== 'held') return
  const exits = exitsOf(task.phase.reason)
  if (exits.includes('answer')) return people.comment(task, ':answer: the first one')
  if (!exits.includes('retry')) return
  return random.chance(0.5) ? people.comment(task, ':retry:') : people.request(task, { is: 'retry' })
}

const edit: Act = (crowd, tasks) => {
  const { random, people, worlds, note, sometimes } = crowd
  const task = some(crowd, tasks, isOpen)
  if (task === null) return
  const by = people.who()
  const text = `changed ${random.between(0, 1e6)}`
  note(`${by.name} edits ${task.key}`)
  if (task.evidence.approval !== undefined) sometimes.saw('person: edited after the approval')
  worlds.tracker.edit(task.item.id, random.chance(0.5) ? { title: text } : { description: text }, by)
}

const moveAgain: Act = (crowd, tasks) => {
  const { random, people, worlds, note } = crowd
  const task = some(crowd, tasks, () => true)
  if (task === null) return
  const by = people.who()
  const to = random.weighted([
    ['to-analyse', 5],
    ['done', 1],
    ['development', 1],
    [null, 1],
  ] as const)
  note(`${by.name} moves ${task.key} to ${to}`)
  for (let times = random.chance(0.2) ? 2 : 1; times > 0; times -= 1) worlds.tracker.move(task.item.id, to, by)
}

/** STOP and at once To Analyse: the old task ends, a new one begins. */
const restart: Act = (crowd, tasks) => {
  const { people, worlds, acts, note } = crowd
  const task = some(crowd, tasks, isOpen)
  if (task === null) return
  const by = people.who()
  note(`${by.name} stops ${task.key} and moves it to To Analyse at once`)
  acts.stops.push({ item: task.item.id, at: worlds.scheduler.now(), isCertain: true })
  worlds.tracker.move(task.item.id, 'stop', by)
  worlds.scheduler.later(
    worlds.scheduler.actor('people'),
    `${by.name} changes their mind`,
    crowd.random.between(1, 6_000),
    () => worlds.tracker.move(task.item.id, 'to-analyse', by),
  )
}

const noise: Act = ({ random, worlds, people }, tasks) => {
  if (tasks.length === 0) return
  const { item } = random.pick(tasks)
  if (random.chance(0.2)) {
    worlds.tracker.move(item.id, 'to-analyse', people.who())
    worlds.scheduler.later(worlds.scheduler.actor('people'), 'the robot stops an item', random.between(1, 4_000), () =>
      worlds.tracker.move(item.id, 'stop', ROBOT),
    )
    return
  }
  if (random.chance(0.3)) return worlds.tracker.move(item.id, random.pick(['to-analyse', 'stop']), ROBOT)
  if (random.chance(0.2)) return void worlds.tracker.comment(item.id, ROBOT, random.pick([':stop:', ':approved:']))
  if (random.chance(0.5))
    worlds.tracker.comment(item.id, MALLORY, random.pick([':stop:', ':approved:', ':rework: mine']))
  else worlds.tracker.comment(item.id, people.who(), random.pick(['> :stop:', 'when is it :approved: then?', 'thanks']))
}

const endPull: Act = (crowd, tasks) => {
  const { random, worlds, sometimes, note } = crowd
  const isShown = (one: Task) => isOpen(one) && one.evidence.pr !== undefined
  const task = some(crowd, tasks, (one) => isShown(one) && one.stage === 'deploy') ?? some(crowd, tasks, isShown)
  const number = task?.evidence.pr?.number
  if (!task || number === undefined) return
  const by = hand(crowd)
  if (random.chance(0.5)) {
    note(`${by.name} closes pull request #${number}`)
    if (worlds.forge.closePull(task.repo, number, by) === 'closed') sometimes.saw('person: closed the pull request')
  } else {
    note(`${by.name} merges pull request #${number}`)
    if (worlds.forge.merge(task.repo, number, null, by).is === 'merged')
      sometimes.saw('person: merged the pull request')
  }
}

export const pushBase: Act = (crowd, tasks) => {
  const { random, worlds, plan, sometimes, note } = crowd
  const { repo } = random.pick(plan.projects)
  const by = hand(crowd)
  const tip = worlds.forge.tip(repo, BASE) as string
  const head = some(crowd, tasks, (one) => one.repo === repo && isOpen(one) && headOf(one) !== null)
  const path = random.weighted([
    [`docs/tasks/${head?.key ?? 'X'}/note.md`, 1],
    ['src/other.ts', 2],
    ['src/shared.ts', 1],
    [`src/${head?.key ?? 'X'}.ts`, 1],
    [`pair/${random.between(1, 2)}/${random.pick(['left', 'right'])}`, 2],
    ['broken', 0.3],
  ])
  const files = new Map(worlds.git.get(tip).files)
  if (files.has('broken')) files.delete('broken')
  else files.set(path, `by ${by.name} ${random.between(0, 1e6)}`)
  note(`${by.name} pushes ${path} to base`)
  sometimes.saw('person: pushed to base')
  worlds.forge.push(repo, BASE, worlds.git.commit([tip], files, by.name, `change ${path}`).id, tip, by)
}

/** Base is moved to the branch's head without a merge commit. */
const forwardBase: Act = (crowd, tasks) => {
  const { worlds, note } = crowd
  const task = some(crowd, tasks, (one) => one.stage === 'deploy' && headOf(one) !== null)
  if (task === null) return
  const tip = worlds.forge.tip(task.repo, BASE) as string
  const head = worlds.forge.tip(task.repo, task.branch)
  if (head === null || !worlds.git.isAncestor(tip, head)) return
  note(`a person moves base forward to ${task.branch}`)
  worlds.forge.push(task.repo, BASE, head, tip, hand(crowd))
}

const touchBranch: Act = (crowd, tasks) => {
  const { random, worlds, acts, sometimes, note } = crowd
  const task = some(crowd, tasks, (one) => worlds.forge.tip(one.repo, one.branch) !== null)
  if (task === null) return
  const by = hand(crowd)
  acts.touchedBranches.add(task.branch)
  if (random.chance(0.2)) {
    note(`${by.name} deletes ${task.branch}`)
    worlds.forge.deleteBranch(task.repo, task.branch, null, by)
    return
  }
  const tip = worlds.forge.tip(task.repo, task.branch) as string
  const files = new Map([...worlds.git.get(tip).files, ['src/by-hand.ts', `${random.between(0, 1e6)}`]])
  note(`${by.name} pushes to ${task.branch}`)
  sometimes.saw('person: pushed to the task’s branch')
  worlds.forge.push(task.repo, task.branch, worlds.git.commit([tip], files, by.name, 'by hand').id, tip, by)
}

const freeze: Act = async ({ random, plan, acts, worlds, sometimes, note }) => {
  const { repo } = random.pick(plan.projects)
  const { storeWorld, scheduler } = worlds
  if (acts.frozen.has(repo)) {
    note(`a person lifts the freeze of ${repo}`)
    acts.frozen.delete(repo)
    return storeWorld.liftFreeze(repo)
  }
  note(`a person freezes ${repo}`)
  sometimes.saw('person: froze the repository')
  await storeWorld.store.transaction((tx) => tx.freeze(repo, 'ann', 'not now', scheduler.now()))
  acts.frozen.set(repo, scheduler.now())
}

const next: Act = (crowd, tasks) => {
  const task = some(crowd, tasks, (one) => one.stage === 'queued')
  if (task !== null) crowd.people.request(task, { is: 'next' })
}

/** New commits on the branch, merged by hand before anybody has tested them. */
const mergeUntested: Act = (crowd, tasks) => {
  touchBranch(crowd, tasks)
  const [task] = tasks
  const number = task?.evidence.pr?.number
  if (!task || number === undefined) return
  if (crowd.worlds.forge.merge(task.repo, number, null, hand(crowd)).is !== 'merged') return
  crowd.note(`a person merges ${task.branch} with their own commit in it`)
  crowd.sometimes.saw('person: merged the pull request')
}

/** What people do to one task that comes to its merge. */
export const chooseActAtMerge = ({ plan, random }: Pick<Crowd, 'plan' | 'random'>): Act =>
  random.weighted<Act>([
    [stop, 5],
    [edit, 1],
    [pushBase, 4],
    [endPull, 2],
    [touchBranch, 1],
    [mergeUntested, 1],
    [forwardBase, 1],
    [freeze, 6 * plan.moods.freeze],
  ])

export function chooseAct({ plan, random }: Pick<Crowd, 'plan' | 'random'>): Act {
  const { steer, forge, tracker, freeze: freezing } = plan.moods
  return random.weighted<Act>([
    [open, 6],
    [approve, 12],
    [answerHold, 4],
    [approveStale, 1],
    [approveOvertaken, 1.5 * tracker],
    [rework, 0.7 * steer],
    [reworkAnalysis, 0.8 * steer],
    [stop, 0.5 * steer],
    [stopInWindow, 2 * steer],
    [restart, 0.3 * steer],
    [edit, 1.2 * tracker],
    [moveAgain, 1.5 * tracker],
    [noise, 1 * tracker],
    [endPull, 0.6 * forge],
    [pushBase, 1.5 * forge],
    [forwardBase, 0.3 * forge],
    [touchBranch, 0.5 * forge],
    [freeze, 1 * freezing],
    [next, 0.3],
  ])
}
