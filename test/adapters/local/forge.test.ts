import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { TransientError, UserError } from '../../../src/core/errors.ts'
import { checkOut, git, temporaryFolder } from '../../contracts/checkout.ts'
import type { Ending } from '../../support/postgres.ts'
import { BOT, localDatabase, localForgeWorld, openForge, shopSource } from './world.ts'

const { url } = await localDatabase({ after })
const source = await shopSource({ after })

/** A world with one pushed branch over base and its pull request. */
const withPullRequest = async (t: Ending) => {
  const world = await localForgeWorld(t, url, source)
  const { forge, repo, base } = world
  const checkout = await checkOut(t, await forge.remote(repo))
  const head = await checkout.push('orch/K-1', { 'work.txt': 'work' }, `origin/${base}`)
  const draft = { head: 'orch/K-1', base, title: 'Work', body: '', marker: 'orch:1', voice: 'developer' } as const
  const ensured = await forge.ensurePullRequest(repo, draft)
  assert.ok(ensured.is === 'created')
  return { ...world, checkout, head, draft, number: ensured.pr.number }
}

/** A PATH on which `git` is a script that runs `body` around the real one, `$GIT`. Returns the environment. */
const gitThat = async (t: Ending, body: string): Promise<{ PATH: string }> => {
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v git'])
  const bin = await temporaryFolder(t)
  await writeFile(join(bin, 'git'), `#!/bin/sh\nGIT=${stdout.trim()}\n${body}\n`)
  await chmod(join(bin, 'git'), 0o755)
  return { PATH: `${bin}:${process.env.PATH}` }
}

/** Shell: is this the call that moves a branch? */
const MOVES_BASE = 'case "$*" in *"update-ref -m merge: "*) moves=1;; *) moves=;; esac'

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 30_000
  while (!(await holds())) assert.ok(performance.now() < deadline, 'it never came to hold')
}

describe('the protection of base', { concurrency: 3 }, () => {
  test('holds whatever the one who pushes has configured, and whatever letters the name is written in', async (t) => {
    const { checkout, repo, base, forge, dir } = await withPullRequest(t)
    const before = await forge.branch(repo, base)
    await checkout.git('commit', '--quiet', '--allow-empty', '-m', 'More')
    const own = join(dir, 'config-of-pusher')
    await writeFile(own, '[core]\n\thooksPath = /dev/null\n[receive]\n\tdenyDeletes = false\n')
    for (const target of ['main', 'MAIN', 'Main']) {
      for (const refspec of [`HEAD:refs/heads/${target}`, `+HEAD:refs/heads/${target}`]) {
        const push = git(checkout.dir, ['-c', 'core.hooksPath=/dev/null', 'push', 'origin', refspec], {
          GIT_CONFIG_GLOBAL: own,
        })
        await assert.rejects(push, /The base branch "main" is moved by merging pull requests alone/)
      }
    }
    await checkout.git('branch', '--force', 'main', 'HEAD')
    await assert.rejects(checkout.git('push', '--mirror', 'origin'), /base branch "main"/)
    assert.equal(await forge.branch(repo, base), before)
    assert.equal(await forge.branch(repo, 'MAIN'), null)
  })

  test('lets every other branch move, back and away too', async (t) => {
    const { checkout, repo, forge } = await withPullRequest(t)
    await checkout.git(
      'push',
      '--quiet',
      'origin',
      '+HEAD~1:refs/heads/orch/K-1',
      'HEAD:refs/heads/main-2',
      'HEAD:refs/salvage/K-1/1',
    )
    await checkout.git('push', '--quiet', 'origin', ':refs/heads/main-2')
    assert.equal(await forge.branch(repo, 'main-2'), null)
  })

  test('closes the whole repository where base cannot be told', async (t) => {
    const { checkout, bare } = await withPullRequest(t)
    const sha = await checkout.git('rev-parse', 'HEAD')
    await writeFile(join(bare, 'HEAD'), `${sha}\n`)
    await assert.rejects(checkout.git('push', 'origin', 'HEAD:refs/heads/other'), /nothing can be pushed/)
  })

  test('the reflog says who moved base: merges alone', async (t) => {
    const { forge, repo, number, head, bare } = await withPullRequest(t)
    const answer = await forge.merge(repo, number, { head, message: 'Merge' })
    assert.equal(answer.is, 'merged')
    const log = await git(bare, ['reflog', 'show', '--format=%gn <%ge> %gs', 'refs/heads/main'])
    const [newest, ...older] = log.split('\n')
    assert.equal(newest, `${BOT.name} <${BOT.email}> merge: Pull request #${number}`)
    assert.equal(older.length, 1, 'the set-up')
  })

  test('deleting it under another spelling is refused as well', async (t) => {
    const { forge, repo, base } = await withPullRequest(t)
    const sha = (await forge.branch(repo, base)) ?? ''
    for (const name of ['main', 'MAIN']) await assert.rejects(forge.deleteBranch(repo, name, sha), UserError)
  })
})

describe('a merge in the embedded forge', { concurrency: 3 }, () => {
  test('that finds base moved in the very moment does not overwrite it', async (t) => {
    const { repo, base, number, head, dir, bare } = await withPullRequest(t)
    const before = await git(bare, ['rev-parse', base])
    const other = await git(bare, ['commit-tree', '-p', before, '-m', 'Somebody was faster', `${before}^{tree}`])
    const env = await gitThat(
      t,
      `${MOVES_BASE}\n[ -z "$moves" ] || $GIT --git-dir ${bare} update-ref refs/heads/main ${other}\nexec $GIT "$@"`,
    )
    const forge = openForge(t, { database: url, dir, env })
    const answer = await forge.merge(repo, number, { head, message: 'Merge' })
    assert.equal(answer.is, 'base-moved')
    assert.equal(await git(bare, ['rev-parse', base]), other)
    assert.equal((await forge.pullRequest(repo, number))?.state, 'open')
  })

  test('that is killed between the branch and the record is found by the next call, and not made twice', async (t) => {
    const { forge, repo, base, dir, bare, draft, checkout } = await withPullRequest(t)
    const env = await gitThat(t, `${MOVES_BASE}\n$GIT "$@"\nrc=$?\n[ -z "$moves" ] || kill -9 $PPID\nexit $rc`)
    const program = join(import.meta.dirname, 'merge-once.ts')
    for (const next of ['merge', 'read', 'list', 'ensure', 'close', 'delete', 'gone'] as const) {
      const name = `orch/${next}`
      await checkout.push(name, { [`${next}.txt`]: next }, `origin/${base}`)
      const ensured = await forge.ensurePullRequest(repo, { ...draft, head: name })
      assert.ok(ensured.is === 'created')
      const { number } = ensured.pr
      // So that the record does not know the head yet when the merge begins.
      const head = await checkout.push(name, { [`${next}.txt`]: 'more' })
      const child = spawn(process.execPath, [program, url, dir, repo, String(number), head], { env, stdio: 'ignore' })
      const [, signal] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
      const merge = await git(bare, ['rev-parse', base])
      assert.equal(await git(bare, ['rev-parse', `${merge}^2`]), head, 'the branch was moved before the end')
      const healed = {
        merge: async () => (await forge.merge(repo, number, { head, message: 'x' })).is,
        read: async () => (await forge.pullRequest(repo, number))?.state,
        list: async () => (await forge.pullRequests(repo, 0)).find((pr) => pr.number === number)?.state,
        ensure: async () => (await forge.ensurePullRequest(repo, { ...draft, head: name })).is,
        close: () => forge.closePullRequest(repo, number, 'x'),
        delete: () => forge.deleteBranch(repo, name, head),
        gone: () => checkout.git('push', '--quiet', 'origin', `:refs/heads/${name}`),
      }
      const answers = { merge: 'merged', read: 'merged', list: 'merged', ensure: 'failed', close: 'was-merged' }
      assert.equal(await healed[next](), { ...answers, delete: 'deleted', gone: '' }[next])
      const { state, merge: recorded, endedBy } = (await forge.pullRequest(repo, number)) ?? {}
      assert.deepEqual([state, recorded, endedBy], ['merged', merge, { name: BOT.name, isBot: true }])
      assert.equal(await git(bare, ['rev-parse', base]), merge)
    }
  })

  test('whose record is lost with the database is told as made, and healed; new commits do not hide it', async (t) => {
    const { repo, base, number, head, dir, bare, checkout } = await withPullRequest(t)
    const pauses = join(dir, 'pauses')
    await mkdir(pauses)
    const env = await gitThat(
      t,
      `${MOVES_BASE}\n$GIT "$@"\nrc=$?\nif [ -n "$moves" ]; then touch ${pauses}/moved; while [ ! -e ${pauses}/go ]; do sleep 0.02; done; fi\nexit $rc`,
    )
    const client = new Client({ connectionString: url })
    await client.connect()
    t.after(() => client.end())
    const named = new URL(url)
    named.searchParams.set('application_name', `lost ${number} ${repo}`)
    const forge = openForge(t, {
      database: { connectionString: named.href, application_name: `lost ${repo}`.slice(0, 60) },
      dir,
      env,
    })
    const answering = forge.merge(repo, number, { head, message: 'Merge' })
    await until(() =>
      stat(join(pauses, 'moved')).then(
        () => true,
        () => false,
      ),
    )
    const dropped = await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'lost %'`,
    )
    assert.ok(dropped.rows.length > 0)
    await writeFile(join(pauses, 'go'), '')
    const merge = await git(bare, ['rev-parse', base])
    assert.deepEqual(await answering, { is: 'merged', merge })
    await checkout.push('orch/K-1', { 'late.txt': 'late' })
    const other = openForge(t, { database: url, dir })
    const { state, merge: recorded, headSha } = (await other.pullRequest(repo, number)) ?? {}
    assert.deepEqual([state, recorded, headSha], ['merged', merge, head])
  })

  test('whose head moves to the pinned commit in between waits until the record knows that head', async (t) => {
    const { repo, number, dir, bare, checkout, forge } = await withPullRequest(t)
    const other = await checkout.push('elsewhere', { 'other.txt': 'x' }, 'orch/K-1')
    // Branches are looked at once before the merge begins, and then again.
    const env = await gitThat(
      t,
      `case "$*" in *for-each-ref*) echo >> ${dir}/looks;; esac
[ "$(wc -l < ${dir}/looks)" -ne 2 ] || $GIT --git-dir ${bare} update-ref refs/heads/orch/K-1 ${other}
exec $GIT "$@"`,
    )
    const pin = { head: other, message: 'Merge' }
    assert.equal((await openForge(t, { database: url, dir, env }).merge(repo, number, pin)).is, 'later')
    assert.equal((await forge.merge(repo, number, pin)).is, 'merged')
  })

  test('runs no hook, whoever put it there', async (t) => {
    const { forge, repo, number, head, bare } = await withPullRequest(t)
    const hook = join(bare, 'hooks', 'reference-transaction')
    await writeFile(hook, '#!/bin/sh\nexit 1\n')
    await chmod(hook, 0o755)
    await git(bare, ['config', 'core.hooksPath', join(bare, 'hooks')])
    assert.equal((await forge.merge(repo, number, { head, message: 'Merge' })).is, 'merged')
  })

  test('that cannot lock the branch is not made; with the lock gone it is', async (t) => {
    const { forge, repo, number, head, bare, base } = await withPullRequest(t)
    const before = await git(bare, ['rev-parse', base])
    const lock = join(bare, 'refs', 'heads', 'main.lock')
    await writeFile(lock, '')
    const answer = await forge.merge(repo, number, { head, message: 'Merge' })
    assert.ok(answer.is === 'later' && /main\.lock/.test(answer.sentence), JSON.stringify(answer))
    assert.equal(await git(bare, ['rev-parse', base]), before)
    await rm(lock)
    assert.equal((await forge.merge(repo, number, { head, message: 'Merge' })).is, 'merged')
  })

  test('whose git is killed is told as unknown: only Git knows how far it came', async (t) => {
    const { forge, repo, number, head, dir } = await withPullRequest(t)
    const env = await gitThat(t, `${MOVES_BASE}\n[ -z "$moves" ] || { $GIT "$@"; kill -9 $$; }\nexec $GIT "$@"`)
    const answer = await openForge(t, { database: url, dir, env }).merge(repo, number, { head, message: 'Merge' })
    assert.equal(answer.is, 'unknown')
    assert.equal((await forge.merge(repo, number, { head, message: 'Merge' })).is, 'merged')
  })

  test('with nothing to merge, or no history in common, is refused with a sentence', async (t) => {
    const { forge, repo, base, number, head, bare, checkout, draft } = await withPullRequest(t)
    await checkout.git('checkout', '--quiet', '--orphan', 'orch/K-2')
    await checkout.git('commit', '--quiet', '-m', 'Unrelated')
    await checkout.git('push', '--quiet', 'origin', 'HEAD:refs/heads/orch/K-2')
    const other = await forge.ensurePullRequest(repo, { ...draft, head: 'orch/K-2' })
    assert.ok(other.is === 'created')
    const unrelated = await forge.merge(repo, other.pr.number, { head: other.pr.headSha, message: 'x' })
    assert.ok(unrelated.is === 'refused' && /share no commit/.test(unrelated.sentence))
    await git(bare, ['update-ref', `refs/heads/${base}`, head])
    const contained = await forge.merge(repo, number, { head, message: 'x' })
    assert.ok(contained.is === 'refused' && /nothing to merge/.test(contained.sentence))
  })

  test("names the conflicting files, and a person's merge carries their name", async (t) => {
    const { forge, repo, base, number, bare, checkout, draft } = await withPullRequest(t)
    await checkout.push('orch/K-2', { 'work.txt': 'other' }, `origin/${base}`)
    const second = await forge.ensurePullRequest(repo, { ...draft, head: 'orch/K-2' })
    assert.ok(second.is === 'created')
    const answer = await forge.mergeAs(repo, number, 'Ada <x>')
    assert.ok(answer.is === 'merged')
    assert.equal(
      await git(bare, ['show', '-s', '--format=%an %ae: %s', answer.merge]),
      `Ada x Ada x@local.invalid: Merge pull request #${number}: Work`,
    )
    const conflict = await forge.merge(repo, second.pr.number, { head: second.pr.headSha, message: 'x' })
    assert.ok(conflict.is === 'conflict' && /in "work\.txt"\.$/.test(conflict.sentence), JSON.stringify(conflict))
    await checkout.push('orch/K-3', { 'third.txt': 'x' }, `origin/${base}`)
    const third = await forge.ensurePullRequest(repo, { ...draft, head: 'orch/K-3' })
    assert.ok(third.is === 'created')
    assert.equal((await forge.mergeAs(repo, third.pr.number, '<\n>')).is, 'merged', 'a name of which Git keeps nothing')
    for (const nobody of ['', '  ', BOT.name]) {
      await assert.rejects(forge.mergeAs(repo, second.pr.number, nobody), UserError)
      await assert.rejects(forge.closePullRequestAs(repo, second.pr.number, nobody), UserError)
    }
  })
})

describe('records of pull requests in the embedded forge', { concurrency: 3 }, () => {
  test('a branch deleted by a push closes its pull request, by nobody known', async (t) => {
    const { forge, repo, number, checkout, head, draft } = await withPullRequest(t)
    await checkout.git('push', '--quiet', 'origin', ':refs/heads/orch/K-1')
    const { state, endedBy, headSha } = (await forge.pullRequest(repo, number)) ?? {}
    assert.deepEqual([state, endedBy, headSha], ['closed', null, head])
    await checkout.git('push', '--quiet', 'origin', `${head}:refs/heads/orch/K-1`)
    assert.equal((await forge.pullRequest(repo, number))?.state, 'closed')
    assert.equal((await forge.ensurePullRequest(repo, draft)).is, 'created')
  })

  test("a branch deleted by Orch closes its pull request in Orch's name", async (t) => {
    const { forge, repo, number, head } = await withPullRequest(t)
    assert.equal(await forge.deleteBranch(repo, 'orch/K-1', head), 'deleted')
    const { state, endedBy } = (await forge.pullRequest(repo, number)) ?? {}
    assert.deepEqual([state, endedBy], ['closed', { name: BOT.name, isBot: true }])
  })

  test('a merge belongs to one pull request: the branch set back to it does not make the next one merged', async (t) => {
    const { forge, repo, number, checkout, head, draft } = await withPullRequest(t)
    assert.equal((await forge.merge(repo, number, { head, message: 'Merge' })).is, 'merged')
    await checkout.push('orch/K-1', { 'more.txt': 'more' })
    const second = await forge.ensurePullRequest(repo, draft)
    assert.ok(second.is === 'created')
    await checkout.git('push', '--quiet', 'origin', `+${head}:refs/heads/orch/K-1`)
    assert.deepEqual([(await forge.pullRequest(repo, second.pr.number))?.state], ['open'])
  })

  test('a branch that cannot be read is not taken for a deleted one', async (t) => {
    const { forge, repo, number, bare, head } = await withPullRequest(t)
    const ref = join(bare, 'refs', 'heads', 'orch', 'K-1')
    await writeFile(ref, '')
    await assert.rejects(forge.pullRequest(repo, number), /missing or damaged/)
    await writeFile(ref, `${head}\n`)
    assert.equal((await forge.pullRequest(repo, number))?.state, 'open')
  })

  test('the database itself holds at most one open per pair of branches', async (t) => {
    const { repo, number } = await withPullRequest(t)
    const client = new Client({ connectionString: url })
    await client.connect()
    t.after(() => client.end())
    const copy = `insert into local.pull_requests select repo, number + 1, head, head_sha, base, state, title, body, marker, voice, null, null, null, null, 0, 0 from local.pull_requests where repo = $1 and number = $2`
    await assert.rejects(client.query(copy, [repo, number]), /one_open_pull_request/)
  })

  test('a number or a name that cannot be one is not there', async (t) => {
    const { forge, repo } = await withPullRequest(t)
    for (const number of [0, -1, 1.5, 2 ** 31, 2 ** 60, Number.NaN]) {
      assert.equal(await forge.pullRequest(repo, number), null)
      assert.equal(await forge.closePullRequest(repo, number, ''), 'absent')
    }
    assert.equal(await forge.branch(repo, 'a\0b'), null)
    assert.equal(await forge.deleteBranch(repo, 'a\0b', ''), 'absent')
  })

  test('pages have an address of their own where one is configured', async (t) => {
    const { repo, number, dir, forge } = await withPullRequest(t)
    assert.equal((await forge.pullRequest(repo, number))?.url, `local:///${repo}/pulls/${number}`)
    const named = openForge(t, { database: url, dir, pages: 'https://orch.example.org/forge/' })
    assert.equal((await named.pullRequest(repo, number))?.url, `https://orch.example.org/forge/${repo}/pulls/${number}`)
  })

  test('a report needs a commit that is there, and its name is data', async (t) => {
    const { forge, repo, head } = await withPullRequest(t)
    for (const sha of ['0'.repeat(40), 'main', '--version', '']) {
      await assert.rejects(forge.setContext(repo, sha, 'ci', 'success', 'ci'), UserError)
    }
    await forge.setContext(repo, head, '__proto__', 'failure', 'ci')
    assert.deepEqual(Object.entries(await forge.contexts(repo, head)), [['__proto__', 'failure']])
  })

  test('a repository that is gone or a git that is missing is told in a sentence', async (t) => {
    const { dir, repo, number, forge, bare } = await withPullRequest(t)
    const without = openForge(t, { database: url, dir, env: { PATH: dir } })
    await assert.rejects(without.pullRequest(repo, number), /"git" was not found: install Git/)
    const stuck = openForge(t, { database: url, dir, env: await gitThat(t, 'kill -9 $$') })
    await assert.rejects(stuck.pullRequest(repo, number), TransientError)
    await rm(bare, { recursive: true })
    await assert.rejects(forge.pullRequest(repo, number), UserError)
    await assert.rejects(forge.remote(`${repo}-no`), UserError)
  })
})
