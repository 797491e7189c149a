/** What changes by itself: notices, the connection, times, logins, warnings. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { seen, type Tell, until } from './story.ts'

export function liveStories(story: Tell): void {
  const name = 'shows a change without a reload, and reads only what it concerns'
  story(name, {}, async ({ page, world, server, open, settled }) => {
    await page.clock.install()
    await open('/tasks/SHOP-31')
    await settled()
    const noticed = await onNotice(page)
    const before = server.requests.length
    world.change('PAY-9', { title: 'Another task' })
    await noticed()
    await page.clock.runFor(1_000)
    world.change('SHOP-31', { title: 'A better title' })
    world.change('SHOP-31', { title: 'The best title' })
    await seen(page.getByRole('heading', { name: 'The best title' }))
    assert.deepEqual(server.requests.slice(before), ['/api/tasks/SHOP-31'], 'three notices, one reading')
  })

  const offline = { offline: true }
  story(
    'says that the connection is lost, reconnects and reads everything anew',
    offline,
    async ({ page, world, server, open }) => {
      await open('/')
      await seen(page.getByText('Live', { exact: true }), page.locator('[data-key=PAY-9]'))
      server.reachable(false)
      await seen(page.getByText('Connection lost, reconnecting'))
      world.change('PAY-9', { stage: 'review', phase: 'gated', title: 'Changed while nobody listened' })
      server.reachable(true)
      await seen(page.locator('section[data-stage=review]').getByText('Changed while nobody listened'))
      await seen(page.getByText('Live', { exact: true }))
    },
  )

  story(
    'keeps what it shows while the server is away, and says that it may be old',
    offline,
    async ({ page, world, server, open, settled }) => {
      await open('/tasks/SHOP-31')
      await settled()
      server.reachable(false)
      await seen(page.getByText('Connection lost, reconnecting'))
      await page.getByRole('button', { name: 'Approve the analysis' }).click()
      await seen(page.getByText('Orch cannot be reached; check that `orch up` is running, then try again.').first())
      await seen(page.getByRole('heading', { name: 'One-click reorder of a past order' }))
      server.reachable(true)
      await seen(page.getByText('Live', { exact: true }))
      await page.getByRole('button', { name: 'Approve the analysis' }).click()
      await seen(page.getByText('Architect working').first())
      assert.equal(world.orders.length, 1)
    },
  )

  story('lets times move on without asking the server', {}, async ({ page, server, open, settled }) => {
    await page.clock.install()
    await open('/')
    const card = page.locator('[data-key=PAY-9]')
    await seen(card.getByText(/^4\d s$/))
    await settled()
    const before = server.requests.length
    await page.clock.runFor(5 * 60_000)
    await seen(card.getByText('5 min'))
    assert.deepEqual(server.requests.slice(before), [])
  })

  const wrongCode = { refusals: [401] }
  story(
    'can only be read until a login link opens it, and the code leaves the address',
    wrongCode,
    async ({ page, world, open }) => {
      world.canWrite = false
      await open('/tasks/SHOP-31')
      await seen(page.getByText('Read only.'))
      const newTask = page.getByRole('button', { name: 'New task' })
      assert.equal(await page.getByRole('button', { name: 'Approve the analysis' }).isDisabled(), true)
      assert.equal(await newTask.isDisabled(), true)
      await open('/#login=wrong')
      const sentence = 'This login link was used or is too old; `orch board` prints a new one.'
      await seen(page.getByRole('alert').getByText(sentence))
      assert.equal(new URL(page.url()).hash, '')
      await page.evaluate("location.hash = 'login=letmein'")
      await until('writing is possible', () => newTask.isEnabled())
      assert.equal(new URL(page.url()).hash, '')
      assert.equal(await page.getByText('Read only.').count(), 0)
      assert.equal(await page.getByText(sentence).count(), 0)
    },
  )

  story(
    'uses a login link once when the page is opened with it',
    {},
    async ({ page, world, server, open, settled }) => {
      world.canWrite = false
      await open('/tasks/SHOP-31?tab=gates#login=letmein')
      await settled()
      await until('writing is possible', () => page.getByRole('button', { name: 'New task' }).isEnabled())
      assert.equal(server.requests.filter((path) => path === '/api/session').length, 1)
      assert.equal(new URL(page.url()).hash, '')
      await seen(page.getByRole('tab', { name: 'Gates', selected: true }))
    },
  )

  story(
    'reads a waiting task anew when another changes, for its reason is about others',
    {},
    async ({ page, world, open, settled }) => {
      await open('/tasks/SHOP-33')
      await settled()
      world.change('SHOP-33', { why: '1 ahead of it' }, true)
      world.tell('PAY-9', 'ended')
      await seen(page.getByText('1 ahead of it'))
    },
  )

  story('reads everything anew when a notice speaks of no single task', {}, async ({ page, world, open, settled }) => {
    await open('/tasks/PAY-9')
    await settled()
    world.change('PAY-9', { title: 'Nobody told of this one' }, true)
    world.warnings = ['acme/pay is frozen']
    world.tell(null, 'freeze')
    await seen(page.getByRole('heading', { name: 'Nobody told of this one' }), page.getByText('acme/pay is frozen'))
  })

  story(
    'leaves the server alone while it is hidden, and is up to date when it is seen again',
    {},
    async ({ page, world, server, open, settled }) => {
      await page.clock.install()
      await open('/')
      await settled()
      await page.evaluate(hide(true))
      await page.clock.runFor(60_000)
      await seen(page.getByText('Paused'))
      await until('the stream is closed', async () => server.streams() === 0)
      world.change('PAY-9', { stage: 'review' })
      await page.evaluate(hide(false))
      await page.clock.runFor(1_000)
      await seen(page.locator('section[data-stage=review] [data-key=PAY-9]'))
    },
  )

  story('tells times by the server’s clock when its own is wrong', {}, async ({ page, open }) => {
    await page.clock.install({ time: Date.now() - 3 * 3_600_000 })
    await open('/')
    await seen(
      page.locator('[data-key=PAY-9]').getByText(/^4\d s$/),
      page.locator('[data-key=SHOP-31]').getByText('21 min'),
    )
  })

  story('warns on every page of what the server warns of', {}, async ({ page, world, open }) => {
    world.warnings = ['The sandbox is off on this host.']
    for (const path of ['/', '/queue', '/tasks/SHOP-31']) {
      await open(path)
      await seen(page.getByText('The sandbox is off on this host.'))
      assert.equal(await warnings(page).getByRole('button').count(), 0, 'there is nothing to put away or to unfold')
    }
  })

  for (const phone of [false, true]) {
    story(
      `keeps many and long warnings small, and shows them whole when asked, ${phone ? 'on a phone' : 'on a desk'}`,
      { phone },
      async ({ page, world, open }) => {
        const why = 'because this machine cannot isolate: user namespaces are switched off. '.repeat(6)
        world.warnings = [1, 2, 3, 4, 5].map((number) => `Guard ${number} is off, ${why}`)
        await open('/')
        await seen(warnings(page).getByText('Guard 3 is off'))
        const height = async () => (await warnings(page).boundingBox())?.height ?? 0
        assert.ok((await height()) < 150, `the warnings take ${await height()} px`)
        await page.getByRole('button', { name: '2 more' }).click()
        await seen(warnings(page).getByText('Guard 5 is off'))
        assert.ok((await height()) < 450, 'however much there is, the page below stays within reach')
        await page.getByRole('button', { name: 'Show less' }).click()
        assert.ok((await height()) < 150)
      },
    )
  }

  story('unfolds a single warning that is cut', { phone: true }, async ({ page, world, open }) => {
    world.warnings = [`The sandbox is off, because ${'user namespaces are missing and '.repeat(8)}so it is.`]
    await open('/')
    const before = (await warnings(page).boundingBox())?.height ?? 0
    await page.getByRole('button', { name: 'Show all' }).click()
    await until('all of it is seen', async () => ((await warnings(page).boundingBox())?.height ?? 0) > before)
  })

  const burst = 'reads a storm of a hundred changes per second about once per second'
  story(burst, { scenario: 'many' }, async ({ page, world, server, open, settled }) => {
    await open('/')
    await settled()
    const begun = Date.now()
    const before = server.requests.length
    const all = [...world.tasks.keys()]
    for (let sent = 0; sent < 300; sent++) {
      world.change(all[sent % all.length] ?? '', { title: `Change ${sent}` })
      await new Promise((resume) => setTimeout(resume, Math.max(0, begun + sent * 10 - Date.now())))
    }
    const last = all[299 % all.length]
    world.change(last ?? '', { stage: 'review', phase: 'waiting', actions: ['approve'], title: 'The last word' })
    await seen(page.getByText('The last word'))
    const seconds = (Date.now() - begun) / 1_000
    const lists = server.requests.slice(before).filter((path) => path === '/api/tasks').length / PAGES_OF_MANY
    assert.ok(lists <= seconds + 1.5, `${lists} readings in ${seconds} s`)
    const others = server.requests.slice(before).filter((path) => path !== '/api/tasks')
    assert.deepEqual(others, [], 'nothing else is read')
  })
}

const warnings = (page: Page) => page.getByRole('region', { name: 'Warnings' })

/** 500 tasks are read in pages of 200. */
const PAGES_OF_MANY = 3

/** A way to wait until the page was told of a change. */
async function onNotice(page: Page): Promise<() => Promise<void>> {
  const protocol = await page.context().newCDPSession(page)
  await protocol.send('Network.enable')
  const told = new Promise<void>((resolve) => protocol.once('Network.eventSourceMessageReceived', () => resolve()))
  return () => told
}

/** What a browser does when its tab goes to the background, which headless ones never do by themselves. */
const hide = (hidden: boolean): string =>
  `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`
