/** The list of all tasks, and the queue. */
import assert from 'node:assert/strict'
import { manyTasks } from './fixture-many.ts'
import { HOSTILE } from './fixture-mixed.ts'
import { keys, seen, type Tell, until } from './story.ts'

/** Sum of how far what was drawn already moved by itself; 0.1 and less is called good. Source: web.dev/cls. */
const SHIFT = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 0))
})`

export function boardStories(story: Tell): void {
  story('shows every task under its stage, with its state and the reason of its wait', {}, async ({ page, open }) => {
    await open('/')
    const development = page.locator('section[data-stage=development]')
    await seen(development.getByText('On hold'), development.getByText('protected files were changed: '))
    await seen(development.getByText('Developer working'))
    await seen(page.locator('section[data-stage=analysis]').getByText('a person has to approve the analysis'))
    await seen(page.locator('section[data-stage=deploy]').getByText('Stopping'))
    await seen(page.locator('section[data-stage=cancelled]').getByText('Cleaning up'))
    assert.deepEqual(await keys(page.locator('section[data-stage=queued]')), ['SHOP-32', 'SHOP-33'])
  })

  story('narrows the list, and keeps in the address how', {}, async ({ page, open }) => {
    await open('/')
    await page.getByLabel('Project').selectOption('Shop')
    await seen(page.getByText('4 tasks'))
    await page.getByRole('searchbox').pressSequentially('reorder')
    await seen(page.getByText('1 task', { exact: true }))
    await page.waitForURL(/project=shop.*q=reorder/)
    await page.reload()
    await seen(page.getByText('1 task', { exact: true }))
    await open('/?person=true')
    await seen(page.getByText('4 tasks'))
    assert.deepEqual((await keys(page)).sort(), ['ADMIN-22', 'DOCS-18-r2', 'MOBILE-19', 'SHOP-31'])
    await open('/?q=nothing-like-this')
    await page.getByRole('link', { name: 'Show all open tasks' }).click()
    await seen(page.getByText('12 tasks'))
    assert.equal(await page.getByRole('searchbox').inputValue(), '')
  })

  story('folds a stage, and remembers it', {}, async ({ page, open }) => {
    await open('/')
    await page.getByRole('button', { name: 'Fold Development' }).click()
    await page.locator('[data-key=PAY-9]').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: 'Unfold Development, 2 tasks' }).click()
    await seen(page.locator('[data-key=PAY-9]'))
  })

  story('moves a card as soon as the server tells of it', {}, async ({ page, world, open }) => {
    await open('/')
    await seen(page.getByText('Live', { exact: true }), page.locator('section[data-stage=review] [data-key=API-20]'))
    world.change('API-20', { stage: 'testing', phase: 'running', role: 'tester', why: null })
    await seen(page.locator('section[data-stage=testing] [data-key=API-20]').getByText('Tester working'))
  })

  story('invites to the first task where there is none', { scenario: 'empty' }, async ({ page, open }) => {
    await open('/')
    await seen(page.getByRole('heading', { name: 'No open tasks yet' }), page.getByText('orch task create'))
    await page.getByRole('button', { name: 'Create the first task' }).click()
    await seen(page.getByRole('dialog').getByLabel('Title'))
    await open('/queue')
    await seen(page.getByText('Nothing runs, and nothing waits to run.'))
  })

  story('shows hostile text as text, and follows no address that is code', {}, async ({ page, world, open }) => {
    world.change('PAY-9', { description: HOSTILE, why: 'turned \u202eround\u200b' })
    await open('/')
    const card = page.locator('[data-key=PAY-9]')
    await seen(card.getByText(HOSTILE), card.getByText('turned ‹U+202E›round‹U+200B›'))
    await open('/tasks/PAY-9?tab=description')
    await seen(page.getByRole('heading', { level: 1, name: HOSTILE }))
    await seen(page.getByRole('tabpanel').getByText(HOSTILE))
    assert.equal(await page.locator('img').count(), 0)
    assert.match(await page.title(), /^PAY-9 /)
    await open('/tasks/API-20')
    await seen(page.getByText('Pull request #91'))
    assert.equal(await page.locator('a[href^="javascript:"]').count(), 0)
  })

  story('shows the queue with the reason of every wait, also when loaded directly', {}, async ({ page, open }) => {
    await open('/queue')
    const block = (name: string) => page.getByRole('region', { name })
    await seen(block('Serial gate').getByText('waits for PAY-9 to end'))
    await seen(block('Runs').getByText('all 3 slots are taken'))
    await seen(block('Frozen repositories').getByText('the release of Friday is being looked at'))
    await seen(page.getByText('Nothing at the moment: circuit breakers, dependencies, watches after a deploy.'))
    await page.getByRole('link', { name: 'SHOP-32' }).click()
    await page.waitForURL(/\/tasks\/SHOP-32$/)
  })

  story('tells which providers of models are not asked, and what comes next', {}, async ({ page, world, open }) => {
    const trouble = { why: 'the provider is overloaded', since: Date.now() - 5_000, sentence: '' }
    world.breakers = [
      { provider: 'anthropic', state: 'open', ...trouble, until: Date.now() + 7_200_000, probe: null },
      { provider: 'openai', state: 'half-open', ...trouble, until: null, probe: '5.3' },
      { provider: 'calm', state: 'closed', why: null, since: null, until: null, probe: null, sentence: '' },
    ]
    await open('/queue')
    const [open1, open2] = ['anthropic', 'openai'].map((name) =>
      page.getByRole('region', { name: 'Circuit breakers' }).getByRole('listitem').filter({ hasText: name }),
    )
    await seen(open1!.getByText('Not asked'), open1!.getByText(/It is tried again in (2 h|1 h 59 min)\./))
    await seen(open2!.getByText('Being tried'), open2!.getByText('Run 5.3 tries whether it works again.'))
    assert.equal(await page.getByText('calm').count(), 0)
    world.breakers = []
    world.tell('PAY-9', 'event')
    await seen(page.getByText(/^Nothing at the moment: circuit breakers/))
  })

  story('sums up what agents used, by what is chosen', {}, async ({ page, open }) => {
    await open('/usage')
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })
    const cells = async (name: string) => (await row(name).getByRole('cell').allTextContents()).join(' ')
    await seen(row('a silent role'))
    assert.equal(await cells('a role'), '2 12 min 45.2k 38.1k 12.1k $0.21')
    assert.equal(await cells('a silent role'), '1 9 s – – – –')
    assert.equal(await cells('All'), '3 12 min 45.2k 38.1k 12.1k $0.21')
    await page.getByText('Model', { exact: true }).click()
    await page.waitForURL(/\/usage\?by=model$/)
    await seen(row('a silent model'))
    await page.reload()
    await seen(row('a silent model'))
  })

  const phone = { phone: true, offline: true }
  story('fits a phone: no page scrolls sideways', phone, async ({ page, world, server, open, settled }) => {
    world.log('5.3', 'x'.repeat(3_000))
    const fits = async (what: string) => {
      const size = '[document.documentElement.scrollWidth, innerWidth]'
      const [wide, window] = await page.evaluate<[number, number]>(size)
      assert.ok(wide <= window, `${what} is ${wide} wide in a window of ${window}`)
    }
    const tasks = [...world.tasks.keys()].map((key) => `/tasks/${key}`)
    const tabs = ['/tasks/PAY-9?tab=runs&run=5.3', '/tasks/SHOP-31?tab=gates', '/tasks/SHOP-31?tab=artefacts']
    for (const path of ['/', '/queue', '/usage', ...tasks, ...tabs]) {
      await open(path)
      await settled()
      await fits(path)
    }
    server.reachable(false)
    await seen(page.getByText('Connection lost, reconnecting'))
    await fits('the word of a lost connection')
  })

  story('opens and closes stages on a phone', { phone: true }, async ({ page, open }) => {
    await open('/')
    const queued = page.getByRole('button', { name: 'Queued 2' })
    await seen(page.locator('[data-key=SHOP-32]'))
    await queued.click()
    await page.locator('[data-key=SHOP-32]').waitFor({ state: 'detached' })
    assert.equal(await queued.getAttribute('aria-expanded'), 'false')
  })

  story('reads tasks of long ago only when it is asked to', { scenario: 'empty' }, async ({ page, world, open }) => {
    for (const task of manyTasks(Date.now(), 1_150)) world.tasks.set(task.key, task)
    await open('/?state=all')
    await seen(page.getByText('1000 tasks', { exact: true }))
    await page.getByRole('button', { name: 'Read older ones' }).click()
    await seen(page.getByText('1150 tasks', { exact: true }))
    assert.equal(await page.getByRole('button', { name: 'Read older ones' }).count(), 0)
  })

  for (const phone of [false, true]) {
    const where = phone ? 'on a phone' : 'on a desk'
    story(
      `draws of 500 tasks only what is seen, ${where}`,
      { scenario: 'many', phone },
      async ({ page, world, open }) => {
        await open('/')
        await seen(page.getByText('500 tasks'), page.locator('[data-key]').first())
        if (phone) {
          const [first = ''] = await keys(page)
          assert.notEqual(world.tasks.get(first)?.stage, 'queued', 'a long line is folded: others are seen at once')
          await page.getByRole('button', { name: 'Queued 375' }).click()
        }
        assert.ok((await page.locator('[data-key]').count()) < 200)
        const shift = await page.evaluate<number>(SHIFT)
        assert.ok(shift < 0.01, `what is there moves while the page is loaded: ${shift}`)
        const queued = [...world.tasks.values()].filter(({ stage }) => stage === 'queued')
        const last = queued.sort((a, b) => a.priority - b.priority || b.number - a.number)[0]?.key
        const card = page.locator(`[data-key=${last}]`)
        assert.equal(await card.count(), 0)
        const place = phone ? page.locator('html') : page.locator('section[data-stage=queued] > div')
        await until('the last one in line is reached', async () => {
          await place.evaluate((box) => {
            box.scrollTop += 1_500
          })
          return (await card.count()) > 0
        })
        await seen(card)
      },
    )
  }
}
