import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { UserError } from '../../src/core/errors.ts'
import type { EnsuredPullRequest, Forge, MergeAnswer, PullRequest } from '../../src/engine/ports/forge.ts'
import { type Checkout, checkOut } from './checkout.ts'

/** One repository of a forge, whose base is protected and has a commit, and what people and CI do there. */
export interface ForgeWorld {
  readonly forge: Forge
  readonly repo: string
  readonly base: string
  /** A name under which the forge has no repository. */
  readonly missing: string
  /** By a person, beside Orch. */
  closeAs(number: number): Promise<void>
  mergeAs(number: number): Promise<void>
  setContext(sha: string, context: string, state: 'success' | 'failure' | 'pending'): Promise<void>
}

interface Scene extends ForgeWorld {
  readonly checkout: Checkout
  /** A branch with one commit over base, pushed. */
  branch(name: string, files?: Readonly<Record<string, string>>): Promise<string>
  ensure(head: string): Promise<EnsuredPullRequest>
  open(head: string): Promise<PullRequest>
  read(number: number): Promise<PullRequest>
  /** Asks again while the forge says "later", as a caller does. */
  merge(number: number, head: string): Promise<MergeAnswer>
}

const NOBODY = '0123456789abcdef0123456789abcdef01234567'
const PATIENCE_MS = 30_000

/** Asks until the answer is final; a forge may need a moment after a push. */
const settled = async (ask: () => Promise<MergeAnswer>): Promise<MergeAnswer> => {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer.is !== 'later' || performance.now() > deadline) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Runs the whole of the port's promises against a forge. `make` registers its own clean-up at the test. */
export const forgeContract = (name: string, make: (t: TestContext) => Promise<ForgeWorld>): void => {
  const story = (title: string, tell: (scene: Scene) => Promise<void>): void => {
    test(title, async (t) => {
      const world = await make(t)
      const { forge, repo, base } = world
      const checkout = await checkOut(t, await forge.remote(repo))
      const ensure = (head: string) =>
        forge.ensurePullRequest(repo, {
          head,
          base,
          title: `Work of ${head}`,
          body: 'What was done.',
          marker: `orch:${head}`,
          voice: 'developer',
        })
      await tell({
        ...world,
        checkout,
        ensure,
        branch: (branch, files = { [`${branch.replace('/', '-')}.txt`]: branch }) =>
          checkout.push(branch, files, `origin/${base}`),
        async open(head) {
          const ensured = await ensure(head)
          assert.ok(ensured.is !== 'failed', JSON.stringify(ensured))
          return ensured.pr
        },
        async read(number) {
          const found = await forge.pullRequest(repo, number)
          assert.ok(found)
          return found
        },
        merge: (number, head) =>
          settled(() => forge.merge(repo, number, { head, message: `Merge ${number}\n\nDone.` })),
      })
    })
  }

  describe(`${name} keeps the forge's promises`, { concurrency: 3 }, () => {
    story('the base is named, and a repository that is not there is told in a sentence', async (scene) => {
      assert.equal(await scene.forge.base(scene.repo), scene.base)
      await assert.rejects(scene.forge.base(scene.missing), UserError)
    })

    story('the address of a repository holds no secret', async ({ forge, repo }) => {
      const { url, env } = await forge.remote(repo)
      for (const value of Object.values(env)) assert.ok(value === '' || !url.includes(value))
      assert.equal(new URL(url).password, '')
    })

    story('a branch is where it was pushed, and null where it never was', async (scene) => {
      const { forge, repo, base } = scene
      const sha = await scene.branch('orch/K-1')
      assert.equal(await forge.branch(repo, 'orch/K-1'), sha)
      assert.equal(await forge.branch(repo, base), await scene.checkout.remoteTip(base))
      for (const none of ['orch', 'orch/K-2', 'orch/*', 'orch/K-1~0', '-x', '../K-1', '']) {
        assert.equal(await forge.branch(repo, none), null, none)
      }
    })

    story('base is refused to whoever pushes, with a sentence, and does not move', async (scene) => {
      const { checkout, base } = scene
      const before = await checkout.remoteTip(base)
      await scene.branch('orch/K-1')
      for (const refspec of [`HEAD:refs/heads/${base}`, `+HEAD~1:refs/heads/${base}`, `:refs/heads/${base}`]) {
        if (refspec.startsWith('+')) await checkout.git('commit', '--quiet', '--amend', '-m', 'Other history')
        await assert.rejects(checkout.git('push', 'origin', refspec.replace('~1', '')), /remote:.*\w+/)
      }
      assert.equal(await checkout.remoteTip(base), before)
    })

    story('a pull request is created once, then found again', async (scene) => {
      const headSha = await scene.branch('orch/K-1')
      const first = await scene.ensure('orch/K-1')
      assert.equal(first.is, 'created')
      const second = await scene.ensure('orch/K-1')
      assert.equal(second.is, 'existed')
      assert.ok(first.is === 'created' && second.is === 'existed')
      assert.equal(second.pr.number, first.pr.number)
      const { title, head, base, state, merge, endedBy, url } = await scene.read(first.pr.number)
      assert.deepEqual(
        { title, head, headSha: first.pr.headSha, base, state, merge, endedBy },
        {
          title: 'Work of orch/K-1',
          head: 'orch/K-1',
          headSha,
          base: scene.base,
          state: 'open',
          merge: null,
          endedBy: null,
        },
      )
      assert.ok(URL.canParse(url))
    })

    story('ten that ask at once get the same pull request', async (scene) => {
      await scene.branch('orch/K-1')
      const answers = await Promise.all(Array.from({ length: 10 }, () => scene.ensure('orch/K-1')))
      assert.equal(answers.filter(({ is }) => is === 'created').length, 1)
      const numbers = answers.map((answer) => (answer.is === 'failed' ? answer.sentence : answer.pr.number))
      assert.equal(new Set(numbers).size, 1)
      assert.equal((await scene.forge.pullRequests(scene.repo, 0)).filter(({ state }) => state === 'open').length, 1)
    })

    story('branches have a pull request each', async (scene) => {
      await scene.branch('orch/K-1')
      await scene.branch('orch/K-2')
      const [one, two] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      assert.notEqual(one.number, two.number)
    })

    story('a branch that is missing, or has nothing over base, makes no pull request', async (scene) => {
      const { checkout, base, forge, repo } = scene
      await checkout.git('push', '--quiet', 'origin', `origin/${base}:refs/heads/orch/same`)
      for (const head of ['orch/never-pushed', 'orch/same', base]) {
        const answer = await scene.ensure(head)
        assert.equal(answer.is, 'failed', head)
        assert.ok(answer.is === 'failed' && answer.sentence.length > 10)
      }
      assert.deepEqual(await forge.pullRequests(repo, 0), [])
    })

    story('title and body are data', async (scene) => {
      const { forge, repo, base } = scene
      await scene.branch('orch/K-1')
      const title = '🚪 <b>$(id)</b> ../.. "quoted" `ticks`'
      const draft = {
        head: 'orch/K-1',
        base,
        title,
        body: '# A\n\n<script>x</script>',
        marker: 'm-->x',
        voice: 'stream',
      }
      const ensured = await forge.ensurePullRequest(repo, { ...draft, voice: 'stream' })
      assert.ok(ensured.is === 'created')
      assert.equal((await scene.read(ensured.pr.number)).title, title)
    })

    story('the head of an open pull request follows its branch', async (scene) => {
      const first = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      const second = await scene.checkout.push('orch/K-1', { 'more.txt': 'more' })
      assert.notEqual(second, first)
      assert.equal((await scene.read(number)).headSha, second)
      assert.equal((await scene.forge.pullRequests(scene.repo, 0))[0]?.headSha, second)
    })

    story('a merge makes one commit of both parents on base, and is told as merged by a bot', async (scene) => {
      const { checkout, base } = scene
      const before = await checkout.remoteTip(base)
      const head = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      const answer = await scene.merge(number, head)
      assert.ok(answer.is === 'merged', JSON.stringify(answer))
      assert.equal(await checkout.remoteTip(base), answer.merge)
      assert.equal(await checkout.git('show', '-s', '--format=%P', answer.merge), `${before} ${head}`)
      assert.equal(
        await checkout.git('rev-parse', `${answer.merge}^{tree}`),
        await checkout.git('rev-parse', `${head}^{tree}`),
      )
      assert.match(
        await checkout.git('show', '-s', '--format=%B', answer.merge),
        new RegExp(`^Merge ${number}\n\nDone\\.`),
      )
      const { state, merge, headSha, endedBy } = await scene.read(number)
      assert.deepEqual(
        { state, merge, headSha, isBot: endedBy?.isBot },
        { state: 'merged', merge: answer.merge, headSha: head, isBot: true },
      )
    })

    story('merging again finds the merge that was made', async (scene) => {
      const head = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      const first = await scene.merge(number, head)
      assert.equal(first.is, 'merged')
      assert.deepEqual(await scene.merge(number, head), first)
      assert.ok(first.is === 'merged')
      assert.equal(await scene.checkout.remoteTip(scene.base), first.merge)
      assert.equal(
        (await scene.merge(number, NOBODY)).is,
        'not-open',
        'the same question is only answered for the same head',
      )
    })

    story('asked many times at once, it merges once', async (scene) => {
      const { checkout, base } = scene
      const before = await checkout.remoteTip(base)
      const head = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      const answers = await Promise.all(Array.from({ length: 4 }, () => scene.merge(number, head)))
      const merges = new Set(answers.flatMap((answer) => (answer.is === 'merged' ? [answer.merge] : [])))
      assert.equal(merges.size, 1)
      assert.equal(
        await checkout.git('rev-list', '--first-parent', '--count', `${before}..${await checkout.remoteTip(base)}`),
        '1',
      )
    })

    story('a head that moved since is not merged', async (scene) => {
      const { checkout, base } = scene
      const before = await checkout.remoteTip(base)
      const tested = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      const newer = await checkout.push('orch/K-1', { 'untested.txt': 'x' })
      for (const head of [tested, NOBODY, 'HEAD', '']) {
        assert.equal((await scene.merge(number, head)).is, 'head-moved', head)
      }
      assert.equal(await checkout.remoteTip(base), before)
      assert.equal((await scene.read(number)).state, 'open')
      assert.equal((await scene.merge(number, newer)).is, 'merged')
    })

    story('a base that moved since is merged with, and both contents are there', async (scene) => {
      const { checkout, base } = scene
      const [one, two] = [await scene.branch('orch/K-1'), await scene.branch('orch/K-2')]
      const [first, second] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      assert.equal((await scene.merge(first.number, one)).is, 'merged')
      const moved = await checkout.remoteTip(base)
      const answer = await scene.merge(second.number, two)
      assert.ok(answer.is === 'merged', JSON.stringify(answer))
      await checkout.remoteTip(base)
      assert.equal(await checkout.git('show', '-s', '--format=%P', answer.merge), `${moved} ${two}`)
      const files = await checkout.git('ls-tree', '--name-only', answer.merge)
      assert.match(files, /orch-K-1\.txt/)
      assert.match(files, /orch-K-2\.txt/)
    })

    story('of merges at the same time none is lost', async (scene) => {
      const { checkout, base } = scene
      const heads: { number: number; head: string }[] = []
      for (const branch of ['orch/K-1', 'orch/K-2', 'orch/K-3']) {
        const head = await scene.branch(branch)
        heads.push({ number: (await scene.open(branch)).number, head })
      }
      let waiting = heads
      while (waiting.length > 0) {
        const answers = await Promise.all(waiting.map(({ number, head }) => scene.merge(number, head)))
        for (const { is } of answers) assert.ok(is === 'merged' || is === 'base-moved', is)
        const left = waiting.filter((_, n) => answers[n]?.is !== 'merged')
        assert.ok(left.length < waiting.length, 'at least one gets through')
        waiting = left
      }
      const tip = await checkout.remoteTip(base)
      for (const { head } of heads) await checkout.git('merge-base', '--is-ancestor', head, tip)
    })

    story('a conflict is told as one, and leaves all as it was', async (scene) => {
      const { checkout, base } = scene
      const one = await scene.branch('orch/K-1', { 'shared.txt': 'one' })
      const two = await scene.branch('orch/K-2', { 'shared.txt': 'two' })
      const [first, second] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      assert.equal((await scene.merge(first.number, one)).is, 'merged')
      const before = await checkout.remoteTip(base)
      const answer = await scene.merge(second.number, two)
      assert.equal(answer.is, 'conflict')
      assert.ok(answer.is === 'conflict' && answer.sentence.length > 10)
      assert.equal(await checkout.remoteTip(base), before)
      assert.equal((await scene.read(second.number)).state, 'open')
    })

    story('a closed or missing pull request is not merged', async (scene) => {
      const { forge, repo, checkout, base } = scene
      const before = await checkout.remoteTip(base)
      const head = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      assert.equal(await forge.closePullRequest(repo, number, 'Stopped.'), 'closed')
      assert.equal((await scene.merge(number, head)).is, 'not-open')
      assert.equal((await scene.merge(number + 1000, head)).is, 'not-open')
      assert.equal(await checkout.remoteTip(base), before)
    })

    story('closing says what it found, and a bot did it', async (scene) => {
      const { forge, repo } = scene
      const head = await scene.branch('orch/K-1')
      const { number } = await scene.open('orch/K-1')
      assert.equal(await forge.closePullRequest(repo, number, 'Stopped.'), 'closed')
      assert.equal(await forge.closePullRequest(repo, number, 'Stopped.'), 'was-closed')
      const { state, endedBy, merge } = await scene.read(number)
      assert.deepEqual({ state, merge }, { state: 'closed', merge: null })
      assert.ok(endedBy === null || endedBy.isBot)
      assert.equal(await forge.closePullRequest(repo, number + 1000, 'Stopped.'), 'absent')
      const next = await scene.open('orch/K-1')
      await scene.merge(next.number, head)
      assert.equal(await forge.closePullRequest(repo, next.number, 'Stopped.'), 'was-merged')
    })

    story('what a person closed or merged is told as theirs', async (scene) => {
      await scene.branch('orch/K-1')
      await scene.branch('orch/K-2')
      const [one, two] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      await scene.closeAs(one.number)
      await scene.mergeAs(two.number)
      const [closed, merged] = [await scene.read(one.number), await scene.read(two.number)]
      assert.deepEqual([closed.state, merged.state], ['closed', 'merged'])
      assert.ok(!closed.endedBy?.isBot)
      assert.equal(merged.endedBy?.isBot, false)
      assert.equal(merged.merge, await scene.checkout.remoteTip(scene.base))
    })

    story('one that was closed stays closed: asking again makes a new one', async (scene) => {
      await scene.branch('orch/K-1')
      const closed = await scene.open('orch/K-1')
      await scene.closeAs(closed.number)
      const again = await scene.ensure('orch/K-1')
      assert.equal(again.is, 'created')
      assert.ok(again.is === 'created')
      assert.notEqual(again.pr.number, closed.number)
      assert.equal((await scene.read(closed.number)).state, 'closed')
    })

    story('after a merge the same branch needs new commits for a new pull request', async (scene) => {
      const head = await scene.branch('orch/K-1')
      const first = await scene.open('orch/K-1')
      assert.equal((await scene.merge(first.number, head)).is, 'merged')
      assert.equal((await scene.ensure('orch/K-1')).is, 'failed')
      await scene.checkout.push('orch/K-1', { 'more.txt': 'more' })
      const second = await scene.open('orch/K-1')
      assert.notEqual(second.number, first.number)
      assert.deepEqual([(await scene.read(first.number)).headSha, second.state], [head, 'open'])
    })

    story('the list holds what is open, and what changed since', async (scene) => {
      const { forge, repo } = scene
      await scene.branch('orch/K-1')
      await scene.branch('orch/K-2')
      const [one, two] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      await scene.closeAs(one.number)
      const { updatedAt } = await scene.read(one.number)
      const numbers = async (since: number) =>
        (await forge.pullRequests(repo, since)).map(({ number }) => number).toSorted()
      assert.deepEqual(await numbers(0), [one.number, two.number].toSorted())
      assert.deepEqual(await numbers(updatedAt), [one.number, two.number].toSorted())
      assert.deepEqual(await numbers(updatedAt + 3_600_000), [two.number])
      assert.equal(await forge.pullRequest(repo, two.number + 1000), null)
    })

    story('a branch is deleted only where it was expected to be', async (scene) => {
      const { forge, repo, checkout } = scene
      const old = await scene.branch('orch/K-1')
      const sha = await checkout.push('orch/K-1', { 'more.txt': 'more' })
      for (const wrong of [old, NOBODY, 'HEAD', '']) {
        assert.equal(await forge.deleteBranch(repo, 'orch/K-1', wrong), 'moved')
      }
      assert.equal(await forge.branch(repo, 'orch/K-1'), sha)
      assert.equal(await forge.deleteBranch(repo, 'orch/K-1', sha), 'deleted')
      assert.equal(await forge.branch(repo, 'orch/K-1'), null)
      assert.equal(await forge.deleteBranch(repo, 'orch/K-1', sha), 'absent')
    })

    story('base is never deleted', async (scene) => {
      const { forge, repo, base, checkout } = scene
      const sha = await checkout.remoteTip(base)
      await assert.rejects(forge.deleteBranch(repo, base, sha), UserError)
      assert.equal(await forge.branch(repo, base), sha)
    })

    story('with its branch a pull request is closed; a merged one stays merged', async (scene) => {
      const { forge, repo } = scene
      const [one, two] = [await scene.branch('orch/K-1'), await scene.branch('orch/K-2')]
      const [open, merged] = [await scene.open('orch/K-1'), await scene.open('orch/K-2')]
      await scene.merge(merged.number, two)
      assert.equal(await forge.deleteBranch(repo, 'orch/K-1', one), 'deleted')
      assert.equal(await forge.deleteBranch(repo, 'orch/K-2', two), 'deleted')
      const [closed, still] = [await scene.read(open.number), await scene.read(merged.number)]
      assert.deepEqual([closed.state, closed.head, closed.headSha], ['closed', 'orch/K-1', one])
      assert.deepEqual([still.state, still.head, still.headSha], ['merged', 'orch/K-2', two])
    })

    story('the newest report of each context counts, on exactly that commit', async (scene) => {
      const { forge, repo } = scene
      const [one, two] = [await scene.branch('orch/K-1'), await scene.branch('orch/K-2')]
      assert.deepEqual(await forge.contexts(repo, one), {})
      await scene.setContext(one, 'ci / build', 'pending')
      await scene.setContext(one, 'ci / build', 'success')
      await scene.setContext(one, 'ci / lint', 'success')
      await scene.setContext(one, 'ci / lint', 'failure')
      await scene.setContext(one, 'deploy preview', 'pending')
      await scene.setContext(two, 'ci / build', 'failure')
      assert.deepEqual(await forge.contexts(repo, one), {
        'ci / build': 'success',
        'ci / lint': 'failure',
        'deploy preview': 'pending',
      })
      assert.deepEqual(await forge.contexts(repo, two), { 'ci / build': 'failure' })
    })
  })
}
