/** Whole stories as `decide` alone tells them. UPDATE_GOLDEN=1 writes them anew; read the difference before you keep it. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { decide } from '#core/decide.ts'
import type { Task } from '#core/model.ts'
import type { Policy } from '#core/policy.ts'
import {
  badFacts,
  failed,
  finished,
  goodFacts,
  openedPullRequest,
  retryBy,
  type Say,
  started,
  stopBy,
  stopped,
  windowOpened,
} from './support/events.ts'
import { at, full, newTask, onward, rulesOf } from './support/tasks.ts'
import { transcript } from './support/transcript.ts'

const usage = { input: 1_200, cacheRead: 30_000, cacheCreation: 4_000, output: 2_100, costUsd: 0.12 }
const done = finished(goodFacts, { usage })
const run = [started(), done]

interface Story {
  readonly policy?: Partial<Policy>
  readonly from?: Task
  readonly events: readonly Say[] | 'all goes well'
}

const STORIES: Readonly<Record<string, Story>> = {
  'happy path': { policy: full, events: 'all goes well' },
  'nothing configured': { events: 'all goes well' },
  'one rework': {
    from: at('review', 'ready'),
    events: [
      started(),
      finished((task) => badFacts(task, 'Names are unclear.'), { usage }),
      ...run,
      openedPullRequest(),
      ...run,
      ...run,
    ],
  },
  'hold and retry': {
    from: at('architecture', 'ready'),
    events: [started(), failed(), started(), failed(), started(), failed(), retryBy('Mia'), ...run],
  },
  'stop while running': { from: at('review', 'ready'), events: [started(), stopBy('Mia'), started(), stopped()] },
  'stop in the window': {
    policy: full,
    from: at('deploy', 'ready', 0, full),
    events: [started(), windowOpened(), stopBy('Mia'), stopBy('Noor'), done, ...run],
  },
}

function told({ events, policy = {}, from = newTask() }: Story): string {
  const story = transcript(from)
  let task = from
  for (let n = 0; ; n += 1) {
    const say = events === 'all goes well' ? onward(task) : events[n]
    if (!say) return story.text()
    const event = say(task, from.phase.since + (n + 1) * 60_000)
    const decision = decide(task, event, rulesOf(policy))
    story.add(event, decision)
    task = decision.task
  }
}

const read = (file: URL): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

describe('golden transcripts', () => {
  for (const [name, story] of Object.entries(STORIES))
    it(name, () => {
      const file = new URL(`../golden/${name.replaceAll(' ', '-')}.txt`, import.meta.url)
      const text = `# ${name}\n\n${told(story)}`
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
      assert.equal(text, read(file), `${name} is told otherwise now; UPDATE_GOLDEN=1 takes it over`)
    })
})
