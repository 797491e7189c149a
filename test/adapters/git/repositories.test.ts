import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createRepositories } from '../../../src/adapters/git/index.ts'
import { TransientError, UserError } from '../../../src/core/errors.ts'
import { BY, createWorld, existsSync, git, REPO, snapshot, write } from './world.ts'

describe('fetching', () => {
  it('makes the copy, follows every branch, and forgets what is gone', async () => {
    await using world = await createWorld()
    const first = world.commit({ 'x.txt': '1' })
    const side = world.commit({ 'y.txt': '2' }, 'side')
    assert.equal(await world.fetch(), first)
    assert.equal(await world.repositories.fetched(REPO, 'side'), side)
    git(world.clone, 'push', '-q', 'origin', ':side')
    git(world.clone, 'checkout', '-q', 'main')
    git(world.clone, 'branch', '-q', '-D', 'side')
    world.commit({ 'z.txt': '3' }, 'side/below')
    assert.equal(await world.fetch(), first)
    assert.equal(await world.repositories.fetched(REPO, 'side'), null)
    assert.match((await world.repositories.fetched(REPO, 'side/below')) ?? '', /^[0-9a-f]{40}$/)
  })

  it('reads branch names literally', async () => {
    await using world = await createWorld()
    await world.fetch()
    for (const name of ['main~0', 'main^', 'main@{0}', '../heads/main', ''])
      assert.equal(await world.repositories.fetched(REPO, name), null)
  })

  it('follows a base that was rewritten, and keeps refs of ours', async () => {
    await using world = await createWorld()
    const old = await world.fetch()
    await world.repositories.keep(REPO, 'refs/orch/tasks/1', old)
    git(world.clone, 'commit', '-q', '--amend', '-m', 'rewritten')
    git(world.clone, 'push', '-q', '-f', 'origin', 'main')
    assert.notEqual(await world.fetch(), old)
    assert.equal(git(world.copy, 'rev-parse', 'refs/orch/tasks/1'), old)
    await world.repositories.forget(REPO, 'refs/orch/tasks/1')
    await world.repositories.forget(REPO, 'refs/orch/tasks/1')
    assert.equal(git(world.copy, 'for-each-ref', 'refs/orch'), '')
    await assert.rejects(world.repositories.keep(REPO, 'refs/heads/main', old), /no ref under refs\/orch/)
  })

  it('of a repository without a commit on base says what to do', async () => {
    await using world = await createWorld()
    const unborn = world.repositories.fetch(REPO, world.remote, 'trunk')
    await assert.rejects(
      unborn,
      (error) => error instanceof UserError && /acme\/shop has no commit on its base branch trunk/.test(error.message),
    )
    const empty = join(world.dir, 'empty.git')
    git(world.dir, 'init', '-q', '--bare', empty)
    await assert.rejects(world.repositories.fetch('acme/empty', { url: empty, env: {} }, 'main'), UserError)
  })

  it('of a forge that does not answer may be tried again, and leaves nothing half made', async () => {
    await using world = await createWorld()
    const away = { url: 'http://127.0.0.1:9/acme/shop.git', env: { GIT_HEADER: 'secret-token' } }
    await assert.rejects(
      world.repositories.fetch(REPO, away, 'main'),
      (error) =>
        error instanceof TransientError &&
        /acme\/shop cannot be reached at http:\/\/127\.0\.0\.1:9/.test(error.message),
    )
    await world.fetch()
    assert.deepEqual(readdirSync(join(world.copy, '..')), ['acme%2Fshop.git'])
  })

  it('never tells the secrets of the way there', async () => {
    await using world = await createWorld()
    const url = 'http://user:hunter22@127.0.0.1:9/secret-token.git'
    const failure = await world.repositories
      .fetch(REPO, { url, env: { TOKEN: 'secret-token' } }, 'main')
      .catch((error: Error) => error.message)
    assert.doesNotMatch(String(failure), /hunter22|secret-token/)
  })

  it('goes by no configuration of the user, and by no way that runs programs', async () => {
    await using world = await createWorld()
    const canary = join(world.dir, 'canary')
    const home = join(world.dir, 'home')
    write(home, {
      '.gitconfig': `[url "/nowhere"]\n\tinsteadOf = ${world.forge}\n[protocol "ext"]\n\tallow = always\n`,
    })
    const env = { PATH: process.env.PATH, HOME: home }
    const repositories = createRepositories({ processes: world.processes, dir: join(world.dir, 'other'), env })
    assert.match(await repositories.fetch(REPO, world.remote, 'main'), /^[0-9a-f]{40}$/)
    for (const url of [`ext::sh -c touch% ${canary}`, 'git://127.0.0.1:9/x', 'other::x'])
      await assert.rejects(repositories.fetch('acme/x', { url, env: {} }, 'main'), /transport '\w+' not allowed/)
    assert.equal(existsSync(canary), false)
  })

  it('is safe at the same time, and for many repositories', async () => {
    await using world = await createWorld()
    const base = world.commit({ 'x.txt': '1' })
    await world.fetch()
    const next = world.commit({ 'x.txt': '2' })
    const branches = Array.from(
      { length: 60 },
      (_, i) => `create refs/heads/branch-${i} ${i % 2 === 0 ? base : next}\n`,
    )
    execFileSync('git', ['update-ref', '--stdin'], { cwd: world.forge, input: branches.join('') })
    const calls = [REPO, REPO, 'acme_shop', REPO, 'acme/Shop'].map((repo) =>
      world.repositories.fetch(repo, world.remote, 'main'),
    )
    assert.deepEqual(await Promise.all(calls), Array(5).fill(next))
  })

  it('goes on after a crash: locks and unfinished packs of a killed Orch are cleared, newer ones are respected', async () => {
    await using world = await createWorld()
    await world.fetch()
    const base = world.commit({ 'x.txt': '1' })
    world.commit({ 'y.txt': '1' }, 'side')
    const leftovers = [
      'refs/heads/main.lock',
      'packed-refs.lock',
      'HEAD.lock',
      'objects/pack/tmp_pack_abc',
      'orch-scratch-abc/index',
    ]
    write(world.copy, Object.fromEntries(leftovers.map((path) => [path, ''])))
    write(join(world.copy, '..'), { '.new-abc/HEAD': '' })
    await assert.rejects(world.fetch(), TransientError)
    assert.equal(await world.restart(Date.now() + 60_000).fetch(REPO, world.remote, 'main'), base)
    const left = Object.keys(snapshot(join(world.copy, '..'))).filter((name) =>
      /lock|tmp_pack|scratch|\.new/.test(name),
    )
    assert.deepEqual(left, ['acme%2Fshop.git/packed-refs.lock']) // Nothing needed it yet.
  })

  it('joins packs when there are many, and drops nothing', async () => {
    await using world = await createWorld()
    await world.fetch()
    const orphan = git(world.copy, 'commit-tree', `${await world.fetch()}^{tree}`, '-m', 'nobody names it')
    const script =
      'for i in $(seq 52); do echo $i | git hash-object -w --stdin | git pack-objects -q objects/pack/pack; done; git prune-packed'
    execFileSync('sh', ['-c', script], { cwd: world.copy })
    await world.fetch()
    assert.equal(git(world.copy, 'cat-file', '-p', 'd00491fd7e5bb6fa28c517a0bb32b8b506539d4d'), '1')
    assert.ok(readdirSync(join(world.copy, 'objects/pack')).filter((name) => name.endsWith('.pack')).length < 10)
    assert.equal(git(world.copy, 'cat-file', '-t', orphan), 'commit')
  })

  it('refuses objects that are not sound', async () => {
    await using world = await createWorld()
    await world.fetch()
    const tree = git(world.clone, 'rev-parse', 'HEAD^{tree}')
    write(world.dir, { evil: `tree ${tree}\nauthor a a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n` })
    const evil = git(world.forge, 'hash-object', '-t', 'commit', '-w', '--literally', join(world.dir, 'evil'))
    git(world.forge, 'update-ref', 'refs/heads/evil', evil)
    await assert.rejects(world.fetch(), (error) => error instanceof UserError && /damaged object/.test(error.message))
  })
})

describe('reading', () => {
  it('tells ancestors, distances, merge bases and trees', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const base = await world.fetch()
    const one = world.commit({ a: '1' }, 'side')
    const two = world.commit({ a: '2' }, 'side')
    git(world.clone, 'checkout', '-q', 'main')
    const main = world.commit({ b: '1' })
    await world.fetch()
    assert.equal(await repositories.isAncestor(REPO, one, two), true)
    assert.equal(await repositories.isAncestor(REPO, two, one), false)
    assert.equal(await repositories.isAncestor(REPO, 'd'.repeat(40), two), false)
    await assert.rejects(repositories.isAncestor(REPO, one, 'd'.repeat(40)))
    await assert.rejects(repositories.isAncestor(REPO, 'main', two), /no full object id/)
    assert.equal(await repositories.countBetween(REPO, base, two), 2)
    assert.equal(await repositories.mergeBase(REPO, main, two), base)
    assert.equal(await repositories.tree(REPO, two), git(world.clone, 'rev-parse', `${two}^{tree}`))
  })

  it('lists changed paths, both names of a renamed file, odd ones as they are', async () => {
    await using world = await createWorld()
    const from = await world.fetch()
    const to = world.commit({ 'src/a.txt': null, 'src/b.txt': 'one\ntwo\nthree\n', 'Grüße ".txt': 'x', 'a\nb': 'y' })
    await world.fetch()
    assert.deepEqual(await world.repositories.changedPaths(REPO, from, to), [
      'Grüße ".txt',
      'a\nb',
      'src/a.txt',
      'src/b.txt',
    ])
    assert.deepEqual(await world.repositories.changedPaths(REPO, to, to), [])
  })

  it('reads text files and nothing else', async () => {
    await using world = await createWorld()
    const big = 'x'.repeat(1024 * 1024)
    write(world.clone, {
      text: '\ufeffGrüße\r\n',
      full: big,
      fuller: `${big}x`,
      empty: '',
      'dir/*': 'star',
      'dir/x': 'x',
    })
    writeFileSync(join(world.clone, 'latin'), Buffer.of(0x61, 0xff))
    writeFileSync(join(world.clone, 'binary'), Buffer.of(0x61, 0))
    symlinkSync('text', join(world.clone, 'link'))
    const sha = world.commit({})
    await world.fetch()
    const read = (path: string) => world.repositories.readFile(REPO, sha, path)
    assert.equal(await read('text'), '\ufeffGrüße\r\n')
    assert.equal(await read('empty'), '')
    assert.equal((await read('full'))?.length, big.length)
    assert.equal(await read('dir/*'), 'star')
    for (const path of ['fuller', 'latin', 'binary', 'link', 'dir', 'dir/', 'nothing', '', '../text', ':/text'])
      assert.equal(await read(path), null, path)
  })

  it('digests a difference by its content, whatever happened beside it', async () => {
    await using world = await createWorld()
    const base = await world.fetch()
    const one = world.commit({ 'ci/x': 'new', 'src/b': '1' }, 'side')
    const two = world.commit({ 'src/b': '2' }, 'side')
    git(world.clone, 'checkout', '-q', 'main')
    const moved = world.commit({ other: 'y' })
    await world.fetch()
    const digest = (from: string, to: string, paths?: string[]) => world.repositories.diffDigest(REPO, from, to, paths)
    assert.match(await digest(base, one), /^[0-9a-f]{64}$/)
    assert.notEqual(await digest(base, one), await digest(base, two))
    assert.equal(await digest(base, one, ['ci/x']), await digest(moved, two, ['ci/x']))
    assert.notEqual(await digest(base, one, ['ci/x']), await digest(base, one, []))
    assert.equal(await digest(base, one, []), await digest(base, two, []))
    assert.equal(await digest(base, one, ['c*']), await digest(base, one, []))
  })

  it('leaves a folder out of a tree, also the last one in its parent', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const before = await world.fetch()
    const docs = world.commit({ 'docs/tasks/K-1/01.md': 'new' })
    const code = world.commit({ 'docs/guide.md': 'x' })
    await world.fetch()
    const without = (sha: string) => repositories.treeWithout(REPO, sha, 'docs/tasks')
    assert.equal(await without(before), await without(docs))
    assert.notEqual(await without(docs), await without(code))
    assert.equal(git(world.copy, 'ls-tree', '-r', '--name-only', await without(docs)), 'README.md\nsrc/a.txt')
    assert.equal(await repositories.treeWithout(REPO, docs, 'nothing'), await repositories.tree(REPO, docs))
    assert.equal(await repositories.treeWithout(REPO, docs, 'docs/*'), await repositories.tree(REPO, docs))
  })
})

describe('writing', () => {
  it('adds a file on top of a commit, without a checkout, and nothing where nothing changes', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const base = await world.fetch()
    const path = 'docs/tasks/K 1/Grüße.md'
    const sha = await repositories.writeFile(REPO, base, path, 'text\r\n', BY, 'Subject\n\n# Body')
    assert.equal(await repositories.readFile(REPO, sha, path), 'text\r\n')
    assert.deepEqual(await repositories.changedPaths(REPO, base, sha), [path])
    assert.equal(
      git(world.copy, 'show', '-s', '--format=%P|%an|%ae|%cn|%B', sha),
      `${base}|${BY.name}|${BY.email}|${BY.name}|Subject\n\n# Body`,
    )
    assert.equal(await repositories.writeFile(REPO, sha, path, 'text\r\n', BY, 'again'), sha)
    const inTheWay = await repositories.writeFile(REPO, base, 'README.md/x', 'y', BY, 'a file becomes a folder')
    assert.equal(await repositories.readFile(REPO, inTheWay, 'README.md/x'), 'y')
    await assert.rejects(repositories.writeFile(REPO, base, '.git/config', 'x', BY, 'no'))
    await assert.rejects(repositories.writeFile(REPO, base, '../x', 'x', BY, 'no'))
    assert.deepEqual(
      readdirSync(world.copy).filter((name) => name.startsWith('orch-')),
      [],
    )
  })

  it('merges without a checkout, or names the paths in conflict', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const base = await world.fetch()
    const ours = world.commit({ 'src/a.txt': 'ONE\ntwo\nthree\n' }, 'ours')
    git(world.clone, 'checkout', '-q', 'main')
    const theirs = world.commit({ 'src/a.txt': 'one\ntwo\nTHREE\n' }, 'theirs')
    const against = world.commit({ 'src/a.txt': 'EINS\n' }, 'against')
    await world.fetch()
    const merged = await repositories.merge(REPO, ours, theirs, BY, 'Merge theirs')
    assert.ok(merged.is === 'merged')
    assert.equal(git(world.copy, 'show', '-s', '--format=%P', merged.sha), `${ours} ${theirs}`)
    assert.equal(await repositories.readFile(REPO, merged.sha, 'src/a.txt'), 'ONE\ntwo\nTHREE\n')
    assert.deepEqual(await repositories.merge(REPO, ours, base, BY, 'x'), { is: 'merged', sha: ours })
    assert.deepEqual(await repositories.merge(REPO, ours, against, BY, 'x'), { is: 'conflict', paths: ['src/a.txt'] })
    git(world.clone, 'checkout', '-q', '--orphan', 'stranger')
    const stranger = world.commit({ alien: 'x' }, 'stranger')
    await world.fetch()
    assert.deepEqual(await repositories.merge(REPO, ours, stranger, BY, 'x'), { is: 'conflict', paths: [] })
    assert.equal(await repositories.mergeBase(REPO, ours, stranger), null)
  })

  it('finds the merge of a head in the first-parent line', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const since = await world.fetch()
    const head = world.commit({ a: '1' }, 'side')
    git(world.clone, 'checkout', '-q', 'main')
    world.commit({ b: '1' })
    git(world.clone, 'merge', '-q', '--no-ff', '-m', 'merge', head)
    const merge = git(world.clone, 'rev-parse', 'HEAD')
    const base = world.commit({ c: '1' })
    await world.fetch()
    assert.equal(await repositories.findMerge(REPO, since, base, head), merge)
    assert.equal(await repositories.findMerge(REPO, merge, base, head), null)
    assert.equal(await repositories.findMerge(REPO, since, base, since), null)
  })

  it('is safe at the same time', async () => {
    await using world = await createWorld()
    const base = await world.fetch()
    const texts = Array.from({ length: 6 }, (_, i) => `text ${i}`)
    const shas = await Promise.all(
      texts.map((text, i) => world.repositories.writeFile(REPO, base, `f${i}`, text, BY, 'x')),
    )
    assert.deepEqual(await Promise.all(shas.map((sha, i) => world.repositories.readFile(REPO, sha, `f${i}`))), texts)
  })
})

describe('pushing', () => {
  it('creates a branch, moves it forward, and sees when it was there', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const base = await world.fetch()
    const one = await repositories.writeFile(REPO, base, 'x', '1', BY, 'one')
    const two = await repositories.writeFile(REPO, one, 'x', '2', BY, 'two')
    const push = (sha: string, expected: string | null) =>
      repositories.push(REPO, world.remote, 'orch/K-1', sha, expected)
    assert.equal(await push(one, null), 'pushed')
    assert.equal(await push(one, null), 'was-there')
    assert.equal(await push(two, one), 'pushed')
    assert.equal(await push(two, one), 'was-there')
    assert.equal(git(world.forge, 'rev-parse', 'orch/K-1'), two)
  })

  it('never overwrites: a branch that moved, exists, is gone, or would go back', async () => {
    await using world = await createWorld()
    const { repositories } = world
    const base = await world.fetch()
    const mine = await repositories.writeFile(REPO, base, 'x', '1', BY, 'mine')
    git(world.clone, 'checkout', '-q', '-B', 'orch/K-1', base)
    const theirs = world.commit({ theirs: '1' }, 'orch/K-1')
    const push = (sha: string, expected: string | null) =>
      repositories.push(REPO, world.remote, 'orch/K-1', sha, expected)
    const moved = { rejected: 'orch/K-1 of acme/shop was not pushed: it was moved by somebody else' }
    assert.deepEqual(await push(mine, null), moved)
    assert.deepEqual(await push(mine, base), moved)
    await world.fetch()
    const back = await push(mine, theirs)
    assert.match(typeof back === 'object' ? back.rejected : back, /which .* does not contain/)
    assert.match(JSON.stringify(await push(mine, 'd'.repeat(40))), /does not contain/)
    assert.equal(git(world.forge, 'rev-parse', 'orch/K-1'), theirs)
    git(world.forge, 'update-ref', '-d', 'refs/heads/orch/K-1')
    assert.deepEqual(await push(mine, base), moved)
  })

  it('tells why the forge refused, and apart from that a forge that is away', async () => {
    await using world = await createWorld()
    const base = await world.fetch()
    const mine = await world.repositories.writeFile(REPO, base, 'x', '1', BY, 'mine')
    mkdirSync(join(world.forge, 'hooks'), { recursive: true })
    writeFileSync(join(world.forge, 'hooks/pre-receive'), '#!/bin/sh\necho "protected by the house" >&2\nexit 1\n', {
      mode: 0o755,
    })
    const refused = await world.repositories.push(REPO, world.remote, 'orch/K-1', mine, null)
    assert.match(JSON.stringify(refused), /pre-receive hook declined.*protected by the house/)
    const away = { url: 'http://127.0.0.1:9/x.git', env: {} }
    await assert.rejects(world.repositories.push(REPO, away, 'orch/K-1', mine, null), TransientError)
  })
})

describe('a machine with the wrong git', () => {
  it('is told by one sentence', async () => {
    await using world = await createWorld()
    const bin = join(world.dir, 'bin')
    write(bin, { git: '#!/bin/sh\necho git version 2.37.1\n' })
    chmodSync(join(bin, 'git'), 0o755)
    const at = (PATH: string) =>
      createRepositories({ processes: world.processes, dir: join(world.dir, 'other'), env: { PATH } })
    const old = at(`${bin}:/usr/bin:/bin`).fetch(REPO, world.remote, 'main')
    await assert.rejects(
      old,
      new UserError('Orch needs git 2.38 or newer and found "git version 2.37.1"; install a newer git.'),
    )
    await assert.rejects(
      at('/nowhere').fetch(REPO, world.remote, 'main'),
      (error) => error instanceof UserError && /Git could not be started/.test(error.message),
    )
  })
})
