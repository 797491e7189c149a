/** One task: its story, its log, and what people order. */
import assert from 'node:assert/strict'
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

  story('approves exactly what is shown, and shows where the task goes next', {}, async ({ page, world, open }) => {
    await open('/tasks/SHOP-31')
    await seen(page.getByText('A line that is sold out is named, the others are added.'))
    await page.getByRole('button', { name: 'Approve the analysis' }).click()
    await seen(page.getByText('Architect working').first())
    const [order, ...more] = world.orders
    assert.equal(order?.path, '/api/tasks/SHOP-31/approve')
    assert.equal(order?.body.subject, 'item-1:analysis-1')
    assert.match(String(order?.body.requestId), /^[0-9a-f]{32}$/)
    assert.deepEqual(more, [])
    await until('the focus is not lost with the button', () =>
      page.evaluate<boolean>('document.activeElement !== document.body'),
    )
  })

  story('asks to look again when the text changed while it was read', {}, async ({ page, world, open, settled }) => {
    await open('/tasks/SHOP-31')
    await settled()
    const approve = page.getByRole('button', { name: 'Approve the analysis' })
    world.change('SHOP-31', { subject: 'item-1:analysis-2', title: 'Reorder, now with a subscription' })
    await seen(page.getByRole('alert').getByText('This was changed while you were looking at it'))
    assert.equal(await approve.isDisabled(), true)
    await page.getByRole('button', { name: 'I have looked again' }).click()
    await approve.click()
    await seen(page.getByText('Architect working').first())
    assert.equal(world.orders[0]?.body.subject, 'item-1:analysis-2')
  })

  story('approves a change of protected files by what it was shown', {}, async ({ page, world, open }) => {
    await open('/tasks/ADMIN-22')
    await seen(page.getByText('.gitea/workflows/ci.yaml, orch.config.yaml').first())
    await page.getByRole('button', { name: 'Accept this change' }).click()
    await seen(page.getByText('Ready to run').first())
    assert.equal(world.orders[0]?.body.subject, 'diff-77')
  })

  const refused = { refusals: [409] }
  story(
    'says in the server’s own sentence why an order was refused',
    refused,
    async ({ page, world, open, settled }) => {
      await open('/tasks/SHOP-31')
      await settled()
      world.change('SHOP-31', { subject: 'item-1:analysis-2' }, true)
      await page.getByRole('button', { name: 'Approve the analysis' }).click()
      const sentence = 'SHOP-31 has changed since you looked at it; look at it again and approve what it is now.'
      await seen(page.getByRole('alert').getByText(sentence))
      assert.equal(world.tasks.get('SHOP-31')?.stage, 'analysis')
    },
  )

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

  story('reads an analysis without a commit anew when the task changes', {}, async ({ page, world, open, settled }) => {
    const artefacts = (world.tasks.get('SHOP-31')?.artefacts ?? []).map((artefact) => ({ ...artefact, sha: null }))
    world.change('SHOP-31', { artefacts })
    await open('/tasks/SHOP-31')
    await settled()
    world.artefacts.set('SHOP-31/analysis', 'Another text altogether')
    world.change('SHOP-31', { subject: 'item-1:analysis-2' })
    await seen(page.getByText('Another text altogether'))
  })

  story('says so when there is no such task', { refusals: [404] }, async ({ page, open }) => {
    await open('/tasks/NOPE-1')
    await seen(page.getByRole('heading', { name: 'There is no task NOPE-1' }))
  })

  story(
    'says where the analysis is, on a server that shows no documents',
    { refusals: [404] },
    async ({ page, world, open }) => {
      world.artefacts.clear()
      await open('/tasks/SHOP-31')
      await seen(page.getByText('This server does not show documents.'), page.getByText(/^git show [0-9a-f]{40}:docs/))
    },
  )
}
