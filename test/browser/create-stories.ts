/** A new task. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { seen, type Tell } from './story.ts'

export function createStories(story: Tell): void {
  story('creates one task however often the button is pressed, and opens it', {}, async ({ page, world, open }) => {
    await open('/')
    const { form, create } = await openForm(page)
    await create.click()
    await seen(form.getByText('Choose the project that this belongs to.'))
    await seen(form.getByText('Say in one line what should change.'))
    assert.equal(world.orders.length, 0)
    await form.getByLabel('Project').selectOption('shop')
    await form.getByLabel('Title').fill('Gift cards')
    await form.getByLabel('Description').fill('For birthdays')
    await form.getByLabel('Priority').selectOption('High')
    await create.dblclick()
    await seen(page.getByRole('heading', { level: 1, name: 'Gift cards' }))
    assert.equal(world.orders.length, 1)
    const { requestId, ...task } = world.orders[0]?.body ?? {}
    assert.deepEqual(task, { project: 'shop', title: 'Gift cards', description: 'For birthdays', priority: 3 })
    assert.match(String(requestId), /^[0-9a-f]{32}$/)
  })

  const refused = { refusals: [409] }
  story('keeps what was written when a creation is refused, and says why', refused, async ({ page, world, open }) => {
    await open('/')
    const { form, create } = await openForm(page)
    await form.getByLabel('Project').selectOption('shop')
    await form.getByLabel('Title').fill('Please refuse this')
    await create.click()
    await seen(form.getByRole('alert').getByText('Project shop takes no new tasks now; lift its freeze first.'))
    assert.equal(await form.getByLabel('Title').inputValue(), 'Please refuse this')
    await form.getByLabel('Title').fill('Please take this')
    await create.click()
    await seen(page.getByRole('heading', { level: 1, name: 'Please take this' }))
    assert.notEqual(world.orders[0]?.body.requestId, world.orders[1]?.body.requestId, 'a refused order is over')
  })

  const offline = { offline: true }
  story('repeats a creation of unknown outcome under the same id', offline, async ({ page, world, open }) => {
    await open('/')
    const { form, create } = await openForm(page)
    await form.getByLabel('Project').selectOption('shop')
    await form.getByLabel('Title').fill('Only once')
    await page.route('**/api/tasks', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await create.click()
    await seen(form.getByRole('alert'))
    await page.unroute('**/api/tasks')
    await create.click()
    await seen(page.getByRole('heading', { level: 1, name: 'Only once' }))
    assert.equal(world.orders.length, 2)
    assert.equal(world.orders[0]?.body.requestId, world.orders[1]?.body.requestId)
    assert.equal([...world.tasks.values()].filter(({ title }) => title === 'Only once').length, 1)
  })

  story('keeps the draft when the form is closed by mistake', {}, async ({ page, open }) => {
    await open('/')
    const { form } = await openForm(page)
    await form.getByLabel('Title').fill('Half a thought')
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
    const again = await openForm(page)
    assert.equal(await again.form.getByLabel('Title').inputValue(), 'Half a thought')
  })
}

async function openForm(page: Page) {
  await page.getByRole('button', { name: 'New task' }).click()
  const form = page.getByRole('dialog')
  return { form, create: form.getByRole('button', { name: 'Create task' }) }
}
