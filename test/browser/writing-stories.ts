/** What a person writes: sent once, or still there. */
import assert from 'node:assert/strict'
import { seen, type Tell } from './story.ts'

export function writingStories(story: Tell): void {
  story(
    'keeps an unsent answer through a reload, and forgets it once it was sent',
    {},
    async ({ page, world, open }) => {
      await open('/tasks/MOBILE-19')
      const answer = page.getByLabel('Your answer')
      await answer.fill('Removed at once')
      await page.reload()
      await seen(answer)
      assert.equal(await answer.inputValue(), 'Removed at once')
      await page.getByRole('link', { name: 'Board', exact: true }).first().click()
      await page.locator('[data-key=MOBILE-19]').click()
      assert.equal(await answer.inputValue(), 'Removed at once')
      await page.getByRole('button', { name: 'Answer and go on' }).click()
      await seen(page.getByText('Ready to run').first())
      world.change('MOBILE-19', {
        phase: 'held',
        hold: 'question',
        why: 'And the drafts?',
        actions: ['answer', 'stop'],
      })
      await seen(page.getByText('And the drafts?').first())
      assert.equal(await answer.inputValue(), '')
    },
  )

  const offline = { offline: true }
  story(
    'says that an answer did not arrive, keeps it, and sends it once the server is back',
    offline,
    async ({ page, world, server, open, settled }) => {
      await open('/tasks/MOBILE-19')
      await settled()
      server.reachable(false)
      await page.getByLabel('Your answer').fill('Removed at once')
      const send = page.getByRole('button', { name: 'Answer and go on' })
      await send.click()
      const alert = page.getByRole('alert').getByText('Orch cannot be reached; check that `orch up` is running')
      await seen(alert.first(), page.getByText('It is not known whether this was done'))
      assert.equal(await page.getByLabel('Your answer').inputValue(), 'Removed at once')
      server.reachable(true)
      await seen(page.getByText('Live', { exact: true }))
      await send.click()
      await seen(page.getByText('Ready to run').first())
      assert.deepEqual(
        world.orders.map(({ body }) => body.text),
        ['Removed at once'],
      )
    },
  )

  story('takes changed words after a lost answer for another order', offline, async ({ page, world, open }) => {
    await open('/tasks/DOCS-18-r2')
    await page.route('**/rework', async (route) => {
      await route.fetch()
      // What the first one did is undone elsewhere, so that the second one can be given.
      world.change('DOCS-18-r2', { phase: 'held', hold: 'staging-inconclusive', actions: ['retry', 'rework', 'stop'] })
      await route.abort()
    })
    await page.getByRole('button', { name: 'Send back…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('The links are broken')
    await dialog.getByRole('button', { name: 'Send back' }).click()
    await seen(dialog.getByRole('alert'))
    await page.unroute('**/rework')
    await dialog.getByLabel('Reason').fill('The links and the images are broken')
    await dialog.getByRole('button', { name: 'Send back' }).click()
    await seen(page.getByText('Ready to run').first())
    const [first, second] = world.orders
    assert.equal(second?.body.why, 'The links and the images are broken')
    assert.notEqual(first?.body.requestId, second?.body.requestId, 'the first answer would stand for the new words')
  })
}
