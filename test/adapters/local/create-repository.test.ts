import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { TransientError, UserError } from '../../../src/core/errors.ts'
import { checkOut, git, repositoryWith, temporaryFolder } from '../../contracts/checkout.ts'
import type { Ending } from '../../support/postgres.ts'
import { localDatabase, openForge } from './world.ts'

const { url } = await localDatabase({ after })

let count = 0
/** A forge in an empty folder, and a name that no other test uses. */
const emptyForge = async (t: Ending) => {
  const dir = await temporaryFolder(t)
  count += 1
  const repo = `repo-${count}`
  return { dir, repo, bare: join(dir, `${repo}.git`), forge: openForge(t, { database: url, dir }) }
}

/** Every file below `dir`: its content, and when it was last written. */
const snapshot = async (dir: string): Promise<string[]> => {
  const all = []
  for (const entry of (await readdir(dir, { recursive: true })).toSorted()) {
    const path = join(dir, entry)
    const { mtimeMs, size, mode } = await stat(path)
    const text = (await stat(path)).isFile() ? (await readFile(path)).toString('base64') : ''
    all.push(`${entry} ${mtimeMs} ${size} ${mode} ${text}`)
  }
  return all
}

describe('setting up a repository', { concurrency: 3 }, () => {
  test('takes one branch with its history, no other branches and no tags', async (t) => {
    const { forge, repo, bare } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    const first = await git(from, ['rev-parse', 'HEAD'])
    await git(from, ['tag', 'v1'])
    await git(from, ['switch', '--quiet', '-c', 'secret'])
    await writeFile(join(from, 'secret.txt'), 'secret')
    await git(from, ['add', '--all'])
    await git(from, ['commit', '--quiet', '-m', 'Secret'])
    const secret = await git(from, ['rev-parse', 'HEAD'])
    const made = await forge.createRepository(repo, { from, base: 'main' })
    assert.deepEqual(made, { is: 'created', base: 'main', dirty: false })
    assert.equal(await git(bare, ['for-each-ref', '--format=%(objectname) %(refname)']), `${first} refs/heads/main`)
    await assert.rejects(git(bare, ['cat-file', '-e', secret]), 'objects of other branches stay where they are')
    assert.equal(await forge.base(repo), 'main')
  })

  test('without a wish, base is the branch that is checked out; an empty one begins with a commit', async (t) => {
    const { forge, repo } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' }, 'trunk')
    assert.equal((await forge.createRepository(repo, { from, base: null })).base, 'trunk')
    assert.equal((await forge.createRepository(`${repo}-new`, { from: null, base: null })).base, 'main')
    assert.equal((await forge.createRepository(`${repo}-dev`, { from: null, base: 'dev' })).base, 'dev')
    const checkout = await checkOut(t, await forge.remote(`${repo}-new`))
    assert.equal(await checkout.git('ls-files'), '')
  })

  test('neither writes to the source nor runs anything that lies in it', async (t) => {
    const { forge, repo } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a', '.gitattributes': '* filter=evil diff=evil\n' })
    const marker = join(await temporaryFolder(t), 'was-run')
    const evil = join(from, 'evil.sh')
    await writeFile(evil, `#!/bin/sh\ntouch ${marker}\nexec cat\n`)
    await chmod(evil, 0o755)
    await mkdir(join(from, '.git', 'hooks'), { recursive: true })
    for (const hook of ['post-checkout', 'pre-auto-gc', 'reference-transaction', 'post-index-change', 'pre-upload']) {
      await writeFile(join(from, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${marker}\n`)
      await chmod(join(from, '.git', 'hooks', hook), 0o755)
    }
    const planted = [
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'core.editor',
      'core.alternateRefsCommand',
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'diff.evil.textconv',
      'diff.external',
      'uploadpack.packObjectsHook',
      'credential.helper',
      'gpg.program',
    ]
    for (const name of planted) await git(from, ['config', name, evil])
    await writeFile(join(from, 'a.txt'), 'changed, so that a filter would be asked')
    const before = await snapshot(from)
    assert.equal((await forge.createRepository(repo, { from, base: 'main' })).dirty, true)
    assert.deepEqual(await snapshot(from), before)
    await assert.rejects(stat(marker), 'something of the source was run')
  })

  test('does not enter submodules', async (t) => {
    const { forge, repo } = await emptyForge(t)
    const inner = await repositoryWith(t, { 'inner.txt': 'x' })
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    await git(from, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub'])
    await git(from, ['commit', '--quiet', '-m', 'With a submodule'])
    const marker = join(inner, 'was-run')
    await writeFile(join(inner, 'evil.sh'), `#!/bin/sh\ntouch ${marker}\n`)
    await chmod(join(inner, 'evil.sh'), 0o755)
    await git(join(from, 'sub'), ['config', 'core.fsmonitor', join(inner, 'evil.sh')])
    const made = await forge.createRepository(repo, { from, base: 'main' })
    assert.deepEqual(made, { is: 'created', base: 'main', dirty: false })
    await assert.rejects(stat(marker), 'something of the submodule was run')
  })

  test('says whether the work tree holds anything that is in no commit, and takes only commits', async (t) => {
    const { forge, repo } = await emptyForge(t)
    const clean = await repositoryWith(t, { 'a.txt': 'a', '.gitignore': 'ignored\n' })
    await writeFile(join(clean, 'ignored'), 'x')
    await writeFile(join(clean, '.git', 'info', 'exclude'), 'private\n')
    await writeFile(join(clean, 'private'), 'x')
    const spoil: [string, (dir: string) => Promise<unknown>, boolean][] = [
      ['nothing', async () => {}, false],
      ['touched only', (dir) => utimes(join(dir, 'a.txt'), 1_000_000_000, 1_000_000_000), false],
      ['another branch', (dir) => git(dir, ['switch', '--quiet', '-c', 'other']), false],
      ['edited', (dir) => writeFile(join(dir, 'a.txt'), 'b'), true],
      ['staged', (dir) => git(dir, ['add', 'a.txt']), true],
      ['restored', (dir) => git(dir, ['reset', '--quiet', '--hard']), false],
      ['untracked', (dir) => writeFile(join(dir, 'new.txt'), 'n'), true],
    ]
    for (const [n, [what, change, dirty]] of spoil.entries()) {
      await change(clean)
      const made = await forge.createRepository(`${repo}-${n}`, { from: clean, base: 'main' })
      assert.equal(made.dirty, dirty, what)
    }
    const checkout = await checkOut(t, await forge.remote(`${repo}-3`))
    assert.equal(await readFile(join(checkout.dir, 'a.txt'), 'utf8'), 'a')
  })

  test('notices what was changed in the very second of the commit, and is as long as before', async (t) => {
    const { forge, repo } = await emptyForge(t)
    const second = async (path: string) => Math.floor((await stat(path)).mtimeMs / 1000)
    const changedAtOnce = async (): Promise<{ from: string; at: number }> => {
      const from = await repositoryWith(t, { 'a.txt': 'a' })
      const file = join(from, 'a.txt')
      const at = await second(file)
      await writeFile(file, 'b')
      const inOneSecond = (await second(file)) === at && (await second(join(from, '.git', 'index'))) === at
      return inOneSecond ? { from, at } : changedAtOnce()
    }
    const { from, at } = await changedAtOnce()
    while (Math.floor(Date.now() / 1000) <= at) await git(from, ['rev-parse', 'HEAD'])
    assert.equal((await forge.createRepository(repo, { from, base: 'main' })).dirty, true)
  })

  test('takes a bare repository, and one reached by a link', async (t) => {
    const { forge, repo, dir } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    const bare = join(dir, 'source')
    await git(from, ['clone', '--quiet', '--bare', '.', bare])
    assert.equal((await forge.createRepository(repo, { from: bare, base: 'main' })).dirty, false)
    await symlink(from, join(dir, 'link'))
    assert.equal((await forge.createRepository(`${repo}-2`, { from: join(dir, 'link'), base: 'main' })).dirty, false)
  })

  test('refuses in one sentence what it cannot take', async (t) => {
    const { forge, repo, dir } = await emptyForge(t)
    const good = await repositoryWith(t, { 'a.txt': 'a' }, 'trunk')
    await git(good, ['commit', '--quiet', '--allow-empty', '-m', 'Second'])
    const empty = await temporaryFolder(t)
    await git(empty, ['init', '--quiet', '--initial-branch=main'])
    const shallow = join(dir, 'shallow')
    await git(good, ['clone', '--quiet', '--depth=1', `file://${good}`, shallow])
    await mkdir(join(good, 'folder-inside'))
    await writeFile(join(dir, 'file'), '')
    const refusals: [string, string | null, RegExp][] = [
      [join(dir, 'nowhere'), 'main', /no folder ".*nowhere"/],
      [join(dir, 'file'), 'main', /no folder ".*file"/],
      [dir, 'main', /is not a Git repository: run `git init`/],
      [join(good, 'folder-inside'), 'trunk', /is not a Git repository/],
      [empty, 'main', /has no commit yet/],
      [empty, null, /has no commit yet/],
      [good, 'main', /no branch "main".*"trunk"/],
      [good, 'trunk~1', /no branch "trunk~1"/],
      [good, '--upload-pack=x', /no branch/],
      [shallow, 'trunk', /part of its history/],
    ]
    for (const [from, base, sentence] of refusals) {
      await assert.rejects(
        forge.createRepository(repo, { from, base }),
        (error) => error instanceof UserError && sentence.test(error.message) && !error.message.includes('\n'),
        `${from} ${base}`,
      )
    }
    await assert.rejects(forge.createRepository(repo, { from: null, base: 'a b' }), UserError)
    assert.deepEqual((await readdir(dir)).toSorted(), ['file', 'shallow'], 'nothing half made is left')
    await assert.rejects(forge.base(repo), UserError)
  })

  test('refuses the repository of another user', {
    skip: process.getuid?.() !== 0 && 'only root can give files away',
  }, async (t) => {
    const { forge, repo } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    for (const path of [from, join(from, '.git')]) await chown(path, 12_345, 12_345)
    await assert.rejects(forge.createRepository(repo, { from, base: 'main' }), /belongs to another user/)
  })

  test('refuses a folder whose programs cannot be run: base would be open to all', async (t) => {
    const { dir, repo } = await emptyForge(t)
    const program = join(import.meta.dirname, 'create-once.ts')
    const script = 'mount -t tmpfs -o noexec none "$1" || { echo no mount; exit; }; shift; exec "$@"'
    const isolated = ['--user', '--map-root-user', '--mount', '--', 'sh', '-c', script, 'sh']
    const { stdout } = await promisify(execFile)('unshare', [
      ...isolated,
      dir,
      process.execPath,
      program,
      url,
      dir,
      repo,
    ]).catch(() => ({ stdout: 'no mount' }))
    if (stdout.includes('no mount')) return t.skip('this machine lets nobody mount a folder')
    assert.match(stdout, /base branch could not be protected.*noexec/)
  })

  test('refuses names that could lead out of its folder or into another repository', async (t) => {
    const { forge } = await emptyForge(t)
    for (const name of [
      '',
      '.',
      '..',
      '../x',
      'a/../b',
      '/x',
      'a/b/c',
      '-x',
      'a.git',
      'a.git/b',
      'a.git.new-1',
      'a b',
      'a\0b',
    ]) {
      await assert.rejects(forge.createRepository(name, { from: null, base: null }), UserError, JSON.stringify(name))
    }
  })

  test('asked again it leaves the repository alone, and another base is refused', async (t) => {
    const { forge, repo, dir } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    await forge.createRepository(repo, { from, base: 'main' })
    const checkout = await checkOut(t, await forge.remote(repo))
    const sha = await checkout.push('work', { 'b.txt': 'b' }, 'origin/main')
    const again = await openForge(t, { database: url, dir }).createRepository(repo, { from, base: 'main' })
    assert.deepEqual(again, { is: 'existed', base: 'main', dirty: false })
    assert.equal(await forge.branch(repo, 'work'), sha)
    await assert.rejects(forge.createRepository(repo, { from, base: 'dev' }), /has the base branch "main", not "dev"/)
  })

  test('of several that make it at once one does, and nothing is left over', async (t) => {
    const { forge, repo, dir } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    await mkdir(join(dir, `${repo}.git.new-dead`))
    const made = await Promise.all(
      [forge, openForge(t, { database: url, dir })].flatMap((one) =>
        [1, 2].map(() => one.createRepository(repo, { from, base: 'main' })),
      ),
    )
    assert.deepEqual(made.map(({ is }) => is).toSorted(), ['created', 'existed', 'existed', 'existed'])
    assert.deepEqual(await readdir(dir), [`${repo}.git`])
  })

  test('leaves nothing half made where the database is away', async (t) => {
    const { repo, dir } = await emptyForge(t)
    const forge = openForge(t, { database: 'postgres:///orch?host=/nowhere', dir })
    await assert.rejects(forge.createRepository(repo, { from: null, base: null }), TransientError)
    assert.deepEqual(await readdir(dir), [])
  })

  test('a folder whose record was lost is taken up again; one that was removed is made anew', async (t) => {
    const { forge, repo, dir, bare } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    await forge.createRepository(repo, { from, base: 'main' })
    const fresh = openForge(t, { database: (await localDatabase(t)).url, dir })
    assert.equal((await fresh.createRepository(repo, { from, base: null })).is, 'existed')
    assert.equal(await fresh.base(repo), 'main')
    await rm(bare, { recursive: true })
    await assert.rejects(forge.base(repo), /missing or damaged/)
    assert.equal((await forge.createRepository(repo, { from, base: 'main' })).is, 'created')
    assert.equal(await forge.base(repo), 'main')
  })

  test('puts its protection back where somebody removed it', async (t) => {
    const { forge, repo, bare } = await emptyForge(t)
    const from = await repositoryWith(t, { 'a.txt': 'a' })
    await forge.createRepository(repo, { from, base: 'main' })
    await rm(join(bare, 'hooks', 'update'))
    await git(bare, ['config', 'core.hooksPath', '/nowhere'])
    await forge.createRepository(repo, { from, base: 'main' })
    const checkout = await checkOut(t, await forge.remote(repo))
    await checkout.git('commit', '--quiet', '--allow-empty', '-m', 'Straight to main')
    await assert.rejects(checkout.git('push', 'origin', 'HEAD:main'), /base branch "main" is moved by merging/)
  })
})
