/** The board, built anew, in a real browser against a server whose world each story sets up and changes. */
import { after, before, describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { approvalStories } from './approval-stories.ts'
import { boardStories } from './board-stories.ts'
import { findChromium, launchChromium } from './chromium.ts'
import { createStories } from './create-stories.ts'
import { liveStories } from './live-stories.ts'
import { storyIn } from './story.ts'
import { taskStories } from './task-stories.ts'
import { writingStories } from './writing-stories.ts'

const executable = findChromium(process.env)
const skip = executable === null ? 'there is no Chromium here; install one or name it in CHROMIUM' : false

describe('the board in a browser', { skip }, () => {
  let browser: Browser
  before(async () => {
    await build({ configFile: fileURLToPath(new URL('../../board/vite.config.ts', import.meta.url)), logLevel: 'warn' })
    browser = await launchChromium(executable ?? '')
  })
  after(() => browser?.close())

  const story = storyIn(() => browser)
  boardStories(story)
  taskStories(story)
  approvalStories(story)
  writingStories(story)
  liveStories(story)
  createStories(story)
})
