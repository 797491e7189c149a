/** The people of the simulated world: what they do by chance, and a record of what they really did. */

import { TransientError, UserError } from '#core/errors.ts'
import { approvalSubject, headOf } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import type { Millis } from '#core/words.ts'
import { create, type Order, order } from '#engine/orders.ts'
import type { Person } from '#engine/ports/tracker.ts'
import type { SimulatedHost } from './host.ts'
import type { Random } from './random.ts'
import type { Sometimes } from './sometimes.ts'
import type { Worlds } from './worlds/ports.ts'

export const ANN: Person = { id: 'ann', name: 'ann', isBot: false }
export const BEN: Person = { id: 'ben', name: 'ben', isBot: false }
/** One of Orch's voices, used by somebody's automation: nothing it does may start or steer work. */
export const ROBOT: Person = { id: 'bot-robot', name: 'Robot', isBot: true }
export const MALLORY: Person = { id: 'mallory', name: 'mallory', isBot: false }
export const isListed = (_: string, { id }: { id: string }): boolean => id === ANN.id || id === BEN.id

/** What was before a person's eyes when they approved. */
export interface Approval {
  readonly item: string
  readonly by: string
  readonly at: Millis
  /** The item's text as the tracker and as Orch showed it then, each with the analysis of then. */
  readonly seen: readonly string[]
  /** "Whatever it is now": asked for without having looked. */
  readonly isBlind: boolean
}

export interface Acts {
  readonly approvals: Approval[]
  /** STOP, as a person meant it: of this item, at this moment. */
  readonly stops: { readonly item: string; readonly at: Millis; readonly isCertain: boolean }[]
  /** Requests by the name that their event carries, and whether they were answered. */
  readonly requests: Map<string, { answers: string[] }>
  /** Branches that a person pushed to or deleted, and base commits that a person made. */
  readonly touchedBranches: Set<string>
  readonly frozen: Map<string, Millis>
}

export const createActs = (): Acts => ({
  approvals: [],
  stops: [],
  requests: new Map(),
  touchedBranches: new Set(),
  frozen: new Map(),
})

export interface PeopleEnv {
  readonly worlds: Worlds
  readonly random: Random
  readonly acts: Acts
  readonly hosts: readonly SimulatedHost[]
  readonly sometimes: Sometimes
  readonly note: (text: string) => void
  readonly onUnexpected: (where: string, thrown: unknown) => void
}

export interface People {
  readonly who: () => Person
  /** A request as CLI and board make it: repeated under the same name until it is answered. */
  request(task: Task, wanted: Order): void
  requestItem(project: string, title: string): void
  comment(task: Task, text: string): void
  approve(task: Task, how: 'comment' | 'subject' | 'blind'): void
  /** Approves what they looked at before, whatever it is by now. */
  approveAsSeen(task: Task, subject: string, seen: string): void
  /** Item and analysis in one text: what an approval is of. */
  subjectOf(task: Task, item: { title: string; description: string }): string
}

export function createPeople({ worlds, random, acts, hosts, sometimes, note, onUnexpected }: PeopleEnv): People {
  const { scheduler, tracker, git } = worlds
  const crowd = scheduler.actor('people')
  let requests = 0

  const onStopAnswered = (item: string, at: Millis) => void acts.stops.push({ item, at, isCertain: true })

  /** Asks some living host, and again where no answer comes. */
  const ask = (
    at: Millis,
    name: string,
    what: string,
    act: (host: SimulatedHost) => Promise<string>,
    triesLeft: number,
  ) => {
    const host = random.pick(hosts.filter(({ life }) => life !== null).concat(hosts))
    const { life } = host
    const record = acts.requests.get(name) ?? { answers: [] }
    acts.requests.set(name, record)
    let isAnswered = false
    if (life !== null)
      scheduler.later(life.actor, `${name} asks to ${what}`, 0, () => {
        act(host).then(
          (answer) => {
            if (!isAnswered && what.startsWith('stop ') && answer.startsWith('true')) onStopAnswered(what.slice(5), at)
            isAnswered = true
            record.answers.push(answer)
          },
          (thrown: unknown) => {
            if (!(thrown instanceof TransientError) && !(thrown instanceof UserError)) onUnexpected(what, thrown)
          },
        )
      })
    scheduler.later(crowd, `${name} looks for an answer`, random.between(8_000, 15_000), () => {
      if (isAnswered && random.chance(0.9)) return
      if (triesLeft === 0) return
      sometimes.saw('person: repeated a request')
      ask(at, name, what, act, triesLeft - 1)
    })
  }
  const people: People = {
    who: () => random.pick([ANN, BEN]),
    subjectOf(task, { title, description }) {
      const head = headOf(task)
      const analysis = head === null ? undefined : git.get(head).files.get(`docs/tasks/${task.key}/01-analysis.md`)
      return `${title}\n${description}\n${analysis ?? 'no analysis'}`
    },
    request(task, wanted) {
      requests += 1
      const name = `${people.who().name}/q${requests}`
      const act = async ({ life }: SimulatedHost) => {
        if (life === null) throw new TransientError('nobody is there')
        const { done, sentence } = await order(life.orch.intake, task.id, name, wanted, name)
        if (wanted.is === 'approve' && wanted.subject !== undefined && !done && sentence.includes('has changed'))
          sometimes.saw('person: approved with a stale subject and was refused')
        return `${done} ${sentence}`
      }
      // Whether it was heard is certain only with the answer.
      if (wanted.is === 'stop') acts.stops.push({ item: task.item.id, at: scheduler.now(), isCertain: false })
      ask(scheduler.now(), name, wanted.is === 'stop' ? `stop ${task.item.id}` : `${wanted.is} ${task.key}`, act, 3)
    },
    requestItem(project, title) {
      requests += 1
      const name = `${people.who().name}/q${requests}`
      const draft = { title, description: 'as requested', priority: random.between(0, 4) }
      const act = async ({ life }: SimulatedHost) => {
        if (life === null) throw new TransientError('nobody is there')
        return create(life.orch.intake, project, draft, name, name)
      }
      ask(scheduler.now(), name, `create ${title}`, act, 3)
    },
    comment(task, text) {
      const by = people.who()
      note(`${by.name} writes on ${task.key}: ${text}`)
      tracker.comment(task.item.id, by, text)
    },
    approveAsSeen(task, subject, seen) {
      acts.approvals.push({
        item: task.item.id,
        by: `q${requests + 1}`,
        at: scheduler.now(),
        seen: [seen],
        isBlind: false,
      })
      people.request(task, { is: 'approve', subject })
    },
    approve(task, how) {
      const item = tracker.item(task.item.id)
      if (item === null) return
      const at = scheduler.now()
      if (how === 'comment') {
        const by = people.who()
        acts.approvals.push({
          item: item.id,
          by: by.name,
          at,
          seen: [people.subjectOf(task, item), people.subjectOf(task, task.item)],
          isBlind: false,
        })
        note(`${by.name} approves ${task.key} in a comment`)
        tracker.comment(item.id, by, ':approved:')
        return
      }
      const by = `${requests + 1}`
      const shown = task.phase.is === 'held' ? task.phase.shown : approvalSubject(task)
      people.request(
        task,
        how === 'subject' && shown !== undefined ? { is: 'approve', subject: shown } : { is: 'approve' },
      )
      const seen = [people.subjectOf(task, task.item)]
      acts.approvals.push({ item: item.id, by: `q${by}`, at, seen, isBlind: how === 'blind' })
    },
  }
  return people
}
