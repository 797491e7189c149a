/** One task: its story, its log, and what people order. */
import assert from 'node:assert/strict'
import { anAgent } from './fixture-tasks.ts'
import { seen, type Tell, until } from './story.ts'

export function taskStories(story: Tell): void {
  story('opens a task from its card, takes the focus to its heading, and goes back', {}, async ({ page, open }) => {
    await open('/')
    await page.locator('[data-key=SHOP-12]').click()
    const heading = page.getByRole('heading', { level: 1, name: 'Remember the last used address' })
    await seen(heading, page.getByText('Finished development'))
    await until('the heading has the focus', () => page.evaluate<boolean>('document.activeElement.tagName === "H1"'))
    await page.goBack()
    await seen(page.locator('[data-key=SHOP-12]'))
  })

  story('offers exactly the actions that the server names', {}, async ({ page, open }) => {
    const buttons = page.getByRole('main').getByRole('button')
    const orders = /^(Try|Send back|Stop|Approve|Accept|Answer|Put first)/
    const offered = async () => (await buttons.filter({ hasText: orders }).allTextContents()).sort()
    await open('/tasks/DOCS-18-r2')
    await seen(page.getByText('staging could not be judged'))
    assert.deepEqual(await offered(), ['Send back…', 'Stop…', 'Try once more'])
    await open('/tasks/SHOP-33')
    await seen(page.getByText('Waits for PAY-9 to end'))
    assert.deepEqual(await offered(), ['Put first in line', 'Stop…'])
    await open('/tasks/BILLING-17')
    await seen(page.getByText('it is carried out as soon as the deploy has honestly ended'))
    assert.deepEqual(await offered(), [])
  })

  story('sends back with a reason, and to a stage where one is chosen', {}, async ({ page, world, open }) => {
    await open('/tasks/DOCS-18-r2')
    await page.getByRole('button', { name: 'Send back…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Send back' }).click()
    await seen(dialog.getByText('Say why, or the next run does the same again.'))
    await dialog.getByLabel('Reason').fill('The links are broken')
    await dialog.getByLabel('Back to').selectOption('Review')
    await dialog.getByRole('button', { name: 'Send back' }).click()
    await seen(page.getByText('Ready to run').first())
    const { requestId: _, ...body } = world.orders[0]?.body ?? {}
    assert.deepEqual(body, { why: 'The links are broken', to: 'review' })
  })

  story('answers a question, and stops only after a confirmation', {}, async ({ page, world, open }) => {
    await open('/tasks/MOBILE-19')
    await page.getByLabel('Your answer').fill('Removed at once')
    await page.getByRole('button', { name: 'Answer and go on' }).click()
    await seen(page.getByText('Ready to run').first())
    assert.equal(world.orders[0]?.body.text, 'Removed at once')
    await page.getByRole('button', { name: 'Stop…' }).click()
    await seen(page.getByRole('dialog').getByText('cannot be taken up again'))
    assert.equal(world.orders.length, 1)
    await page.getByRole('button', { name: 'Stop MOBILE-19' }).click()
    await seen(page.getByText('Its processes are being ended'))
    assert.equal(world.orders[1]?.path, '/api/tasks/MOBILE-19/stop')
  })

  story('is worked by keyboard, and a dialog gives the focus back', {}, async ({ page, open }) => {
    await open('/tasks/SHOP-31')
    const focused = (text: string) =>
      page.evaluate<boolean>(`document.activeElement.textContent === ${JSON.stringify(text)}`)
    const stop = page.getByRole('button', { name: 'Stop…' })
    await seen(stop)
    await page.keyboard.press('Tab')
    assert.equal(await focused('Skip to the content'), true)
    await stop.focus()
    await page.keyboard.press('Enter')
    await until('the harmless answer has the focus', () => focused('Let it go on'))
    await page.keyboard.press('Escape')
    await until('the focus is back', () => focused('Stop…'))
  })

  story('follows a log to its end and keeps the last 5,000 lines of it', {}, async ({ page, world, open }) => {
    world.log('5.3', ...Array.from({ length: 6_000 }, (_, index) => `line number ${index + 1}`))
    await open('/tasks/PAY-9?tab=runs')
    await page.locator('[data-run="5.3"]').getByRole('button', { name: 'Log' }).click()
    const log = page.getByRole('log')
    await seen(log.getByText('line number 6000'), page.getByText('6000 lines, the last 5,000 are shown'))
    world.log('5.3', 'and \u001b[31mone\u001b[0m more')
    await seen(log.getByText('and one more'))
    assert.ok((await log.locator('[data-index]').count()) < 150, 'only what is seen is drawn')

    await log.hover()
    await page.mouse.wheel(0, -600)
    await until('scrolling up stops the following', async () => !(await page.getByLabel('Follow').isChecked()))
    world.log('5.3', 'the last word')
    world.endLog('5.3')
    await seen(page.getByText('Ended', { exact: true }))
    assert.equal(await log.getByText('the last word').count(), 0, 'the reader is left where they read')
    await page.getByRole('switch', { name: 'Follow' }).click()
    await seen(log.getByText('the last word'))
    await page.keyboard.press('Tab')
    await log.evaluate((box) => {
      box.scrollTop = 0
    })
    await seen(log.getByText('line number 1003', { exact: true }))
  })

  story(
    'tells of a run what its agent was given and why, and shows the raw stream',
    {},
    async ({ page, world, open }) => {
      const runs = world.tasks.get('PAY-9')?.runs ?? []
      const fell = anAgent({ models: ['claude-haiku-5-5'], fellBack: true, resumes: '5.1' })
      world.change('PAY-9', { runs: runs.map((run) => (run.id === '5.2' ? { ...run, agent: fell } : run)) })
      world.log('5.2', 'for people')
      world.log('5.2 raw', '{"type":"assistant"}')
      await open('/tasks/PAY-9?tab=runs')
      const row = (id: string) => page.locator(`[data-run="${id}"]`)
      await seen(row('5.2').getByText('claude-opus-5-5 · high'), row('5.2').getByText('fell back'))
      assert.equal(await row('5.3').getByText('fell back').count(), 0)
      await row('5.2').getByRole('button', { name: 'Log' }).click()
      const reasons = row('5.2').getByRole('list', { name: 'What run 5.2 was given, and why' }).getByRole('listitem')
      await seen(row('5.2').getByText('for people'))
      assert.deepEqual(await reasons.allTextContents(), [
        ...fell.reasons,
        'goes on with the conversation of run 5.1',
        'answered by claude-haiku-5-5 on claude',
      ])
      await row('5.2').getByRole('switch', { name: 'Raw' }).click()
      await seen(row('5.2').getByText('{"type":"assistant"}'))
      assert.equal(await row('5.2').getByText('for people').count(), 0)
    },
  )

  story('copies whole commits, and shows the beginning', {}, async ({ page, world, open }) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await open('/tasks/SHOP-31')
    const head = world.tasks.get('SHOP-31')?.head ?? ''
    await seen(page.getByText(head.slice(0, 10), { exact: true }))
    await page.getByRole('button', { name: 'Copy head commit' }).click()
    await seen(page.getByText('Copied'))
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), head)
  })

  story('shows of a long story the newest part first', {}, async ({ page, world, open }) => {
    const entry = { is: 'note', text: null, by: null, tone: 'plain', run: null } as const
    const timeline = Array.from({ length: 90 }, (_, id) => ({ ...entry, id, at: id, title: `happening ${id}` }))
    world.change('PAY-9', { timeline })
    await open('/tasks/PAY-9')
    const lines = page.getByRole('list', { name: 'What happened, newest first' }).getByRole('listitem')
    await seen(lines.first().getByText('happening 89'))
    assert.equal(await lines.count(), 60)
    await page.getByRole('button', { name: 'Show 30 earlier entries' }).click()
    await seen(lines.last().getByText('happening 0'))
  })

  story(
    'tells the story in the words of the board, and leaves names as they are',
    {},
    async ({ page, world, open }) => {
      const entry = { text: null, by: null, tone: 'plain', run: null } as const
      const timeline = [
        { ...entry, id: 1, at: 1, is: 'moved', title: 'deploy-staging → deploy' },
        { ...entry, id: 2, at: 2, is: 'note', title: 'orch/PAY-9 is deleted' },
        { ...entry, id: 3, at: 3, is: 'comment', title: 'stream commented', by: 'stream', text: 'All went well.' },
        {
          ...entry,
          id: 4,
          at: 4,
          is: 'run',
          title: 'run 5.3 started',
          by: 'developer',
          run: '5.3',
          text: 'as developer',
        },
      ] as const
      world.change('PAY-9', { timeline })
      await open('/tasks/PAY-9')
      const lines = page.getByRole('list', { name: 'What happened, newest first' }).getByRole('listitem')
      await seen(lines.first())
      const said = (await lines.allInnerTexts()).map((text) => text.replace(/\s+\d+ d ago/, '').replace(/\s+/g, ' '))
      assert.deepEqual(said, [
        'Run 5.3 started by developer log',
        'Orch commented All went well.',
        'orch/PAY-9 is deleted',
        'Staging → Production',
      ])
    },
  )

  story('calls no stage of a cancelled task passed', {}, async ({ page, open }) => {
    await open('/tasks/PAY-4')
    const way = page.getByRole('list', { name: 'The way through the pipeline' })
    await seen(way.getByText('Analysis'))
    assert.doesNotMatch((await way.textContent()) ?? '', /passed/)
  })

  story('says so when there is no such task', { refusals: [404] }, async ({ page, open }) => {
    await open('/tasks/NOPE-1')
    await seen(page.getByRole('heading', { name: 'There is no task NOPE-1' }))
  })
}
