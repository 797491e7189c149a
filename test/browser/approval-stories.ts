/** What an approval is bound to: nothing is approved that is not on the page. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { seen, type Tell, until } from './story.ts'

const ANALYSIS = 'A line that is sold out is named, the others are added.'
const TEXTS = '**/artefacts/*'

export function approvalStories(story: Tell): void {
  story('approves exactly what is shown, and shows where the task goes next', {}, async ({ page, world, open }) => {
    await open('/tasks/SHOP-31')
    await seen(page.getByText(ANALYSIS))
    await approve(page).click()
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

  story('lets nobody approve a text that is still on its way', {}, async ({ page, open, settled }) => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    await page.route(TEXTS, async (route) => {
      await arrived
      await route.continue()
    })
    await open('/tasks/SHOP-31')
    await seen(page.getByText('It can be approved as soon as its text is shown here.'))
    assert.equal(await approve(page).isDisabled(), true)
    arrive()
    await settled()
    await seen(page.getByText(ANALYSIS), page.getByText('An approval is bound to exactly what is shown here.'))
    assert.equal(await approve(page).isEnabled(), true)
  })

  const failing = { refusals: [500] }
  story('lets nobody approve a text that could not be read', failing, async ({ page, world, open }) => {
    await page.route(TEXTS, (route) => route.fulfill({ status: 500, json: { error: 'The repository is locked.' } }))
    await open('/tasks/SHOP-31')
    await seen(page.getByRole('alert').getByText('The repository is locked.'))
    await seen(page.getByText('It cannot be approved here while its text is not shown.'))
    assert.equal(await approve(page).isDisabled(), true)
    await page.unroute(TEXTS)
    await page.getByRole('button', { name: 'Read it again' }).click()
    await seen(page.getByText(ANALYSIS))
    await approve(page).click()
    await seen(page.getByText('Architect working').first())
    assert.equal(world.orders[0]?.body.subject, 'item-1:analysis-1')
  })

  const missing = { refusals: [404] }
  story(
    'says where a missing analysis is, and lets nobody approve it',
    missing,
    async ({ page, world, open, settled }) => {
      world.artefacts.clear()
      await open('/tasks/SHOP-31')
      await seen(page.getByText('Orch does not find this document now.'))
      await seen(page.getByText(/^git show [0-9a-f]{40}:docs/))
      assert.equal(await approve(page).isDisabled(), true)
      await settled()
      world.artefacts.set('SHOP-31/analysis', 'Found after all')
      world.tell('SHOP-31', 'note')
      await seen(page.getByText('Found after all'))
      assert.equal(await approve(page).isEnabled(), true)
    },
  )

  story('lets nobody approve what the server gives no name to', {}, async ({ page, world, open, settled }) => {
    world.change('SHOP-31', { subject: null })
    await open('/tasks/SHOP-31')
    await settled()
    assert.equal(await approve(page).isDisabled(), true)
  })

  const changing = { refusals: [500] }
  story(
    'asks to look again when the text changed while it was read',
    changing,
    async ({ page, world, open, settled }) => {
      await open('/tasks/SHOP-31')
      await settled()
      await page.route(TEXTS, (route) => route.fulfill({ status: 500, json: { error: 'The repository is locked.' } }))
      world.artefacts.set('SHOP-31/analysis', 'Now with a subscription.')
      world.change('SHOP-31', { subject: 'item-1:analysis-2', title: 'Reorder, now with a subscription' })
      await seen(page.getByRole('alert').getByText('This was changed while you were looking at it'))
      const again = page.getByRole('button', { name: 'I have looked again' })
      assert.equal(await page.getByText(ANALYSIS).count(), 0, 'the text of before stands for nothing any more')
      assert.equal(await again.isDisabled(), true, 'there is no new text to look at yet')
      await page.unroute(TEXTS)
      await seen(page.getByText('Now with a subscription.'))
      assert.equal(await approve(page).isDisabled(), true)
      await again.click()
      await approve(page).click()
      await seen(page.getByText('Architect working').first())
      assert.equal(world.orders[0]?.body.subject, 'item-1:analysis-2')
    },
  )

  const refused = { refusals: [409] }
  story(
    'shows why an approval of an older text was refused, and the new text',
    refused,
    async ({ page, world, open, settled }) => {
      await open('/tasks/SHOP-31')
      await settled()
      world.artefacts.set('SHOP-31/analysis', 'Another text altogether')
      world.change('SHOP-31', { subject: 'item-1:analysis-2' }, true)
      await approve(page).click()
      const sentence = 'SHOP-31 has changed since you looked at it; look at it again and approve what it is now.'
      await seen(page.getByText('Nothing was changed'))
      await seen(page.getByRole('alert').getByText(sentence), page.getByText('Another text altogether'))
      assert.equal(world.tasks.get('SHOP-31')?.stage, 'analysis')
      assert.equal(await approve(page).isDisabled(), true)
      await page.getByRole('button', { name: 'I have looked again' }).click()
      assert.equal(await page.getByText(sentence).count(), 0)
      await approve(page).click()
      await seen(page.getByText('Architect working').first())
      const subjects = world.orders.map(({ body }) => body.subject)
      assert.deepEqual(subjects, ['item-1:analysis-1', 'item-1:analysis-2'])
    },
  )

  story('approves a change of protected files by what it was shown', {}, async ({ page, world, open }) => {
    await open('/tasks/ADMIN-22')
    await seen(page.getByText('.gitea/workflows/ci.yaml, orch.config.yaml').first())
    await page.getByRole('button', { name: 'Accept this change' }).click()
    await seen(page.getByText('Ready to run').first())
    assert.equal(world.orders[0]?.body.subject, 'diff-77')
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
}

const approve = (page: Page) => page.getByRole('button', { name: 'Approve the analysis' })
