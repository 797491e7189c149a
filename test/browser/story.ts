/** What a story of the board is told with: a world, its server, a page, and ways to wait for what can be seen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Locator, Page, Request } from 'playwright-core'
import { type Fixture, startFixture } from './fixture-server.ts'
import { type Scenario, World } from './fixture-world.ts'

const PHONE = { width: 390, height: 844 }
const DESK = { width: 1440, height: 900 }
const PATIENCE_MS = 10_000

export interface Story {
  readonly page: Page
  readonly world: World
  readonly server: Fixture
  /** Loads a page of the board from nothing. */
  readonly open: (path: string) => Promise<void>
  /** Waits until the page has read everything that it wants to know after being opened. */
  readonly settled: () => Promise<void>
}

export interface Setting {
  readonly scenario?: Scenario
  readonly phone?: boolean
  /** Answers other than 2xx that belong to the story; the browser reports each on its console. */
  readonly refusals?: readonly number[]
  /** The story takes the network away. */
  readonly offline?: boolean
}

export type Tell = (name: string, setting: Setting, tell: (story: Story) => Promise<void>) => void

/** Each story has a world, a server and a page of its own; it fails when the browser complains of anything. */
export const storyIn =
  (browser: () => Browser): Tell =>
  (name, setting, tell) => {
    test(name, async () => {
      const world = new World(setting.scenario ?? 'mixed', () => Date.now())
      const server = await startFixture(world)
      const page = await browser().newPage(setting.phone ? { viewport: PHONE, hasTouch: true } : { viewport: DESK })
      page.setDefaultTimeout(PATIENCE_MS)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' && !isPartOf(setting, message.text())) complaints.push(message.text())
      })
      const reading = new Reading(page)
      const open = async (path: string) => {
        // Otherwise nothing is loaded where only the part behind the `#` differs.
        await page.goto('about:blank')
        reading.begin()
        await page.goto(server.url + path)
      }
      const settled = () => until('everything was read', async () => reading.isOver())
      try {
        await tell({ page, world, server, open, settled })
        assert.deepEqual(complaints, [], 'the browser complained')
      } finally {
        await page.close()
        await server.close()
      }
    })
  }

/** What a page reads, streams aside. */
class Reading {
  readonly #underWay = new Set<Request>()
  #whoReads = 0

  constructor(page: Page) {
    page.on('request', (request) => {
      if (request.resourceType() !== 'eventsource') this.#underWay.add(request)
    })
    const ended = (request: Request) => {
      if (this.#underWay.delete(request) && request.url().endsWith('/api/me')) this.#whoReads++
    }
    page.on('requestfinished', ended)
    page.on('requestfailed', ended)
  }

  begin(): void {
    this.#whoReads = 0
  }

  /** `/api/me` is read when a page is loaded, and again with all the rest once the stream is open. */
  isOver(): boolean {
    return this.#whoReads >= 2 && this.#underWay.size === 0
  }
}

const isPartOf = ({ refusals = [], offline = false }: Setting, text: string): boolean =>
  refusals.some((status) => text.includes(`status of ${status}`)) || (offline && text.includes('net::ERR'))

/** Waits until each is there and visible. */
export async function seen(...places: readonly Locator[]): Promise<void> {
  for (const place of places) await place.waitFor()
}

/** Keys of the cards that are drawn, in their order. */
export const keys = (place: Page | Locator): Promise<string[]> =>
  place.locator('[data-key]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-key') ?? ''))

/** Asks again until it is so. @throws {AssertionError} when it is not within ten seconds. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`not within ${PATIENCE_MS} ms: ${what}`)
    await new Promise((resume) => setTimeout(resume, 25))
  }
}
