/** What an agent's commits would publish, on real git: every commit counts, and nothing planted in them is run. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { PUBLISH_LIMITS, type PublishLimits } from '../../../src/core/publish.ts'
import { publishFailure } from '../../../src/engine/handlers/publish.ts'
import type { Workspace } from '../../../src/engine/ports/repositories.ts'
import { privateKey, TOKENS } from '../../core/support/tokens.ts'
import { BY, createWorld, existsSync, git, REPO, type World, write } from './world.ts'

const KNOWN = 'forge-token-of-this-house'
const TOKEN = TOKENS.find(([kind]) => kind === 'a GitHub token')?.[1] ?? ''
type Files = Readonly<Record<string, string | null>>

const commit = (workspace: Workspace, files: Files, message = 'work'): string => {
  write(workspace.dir, files)
  git(workspace.dir, 'add', '-A')
  git(workspace.dir, 'commit', '-q', '--allow-empty', '--no-verify', '-m', message)
  return git(workspace.dir, 'rev-parse', 'HEAD')
}

/** What the run leaves, taken over as the handler does it: code and sentence of why not, or `published`. */
const left = async (world: World, workspace: Workspace, limits: PublishLimits = PUBLISH_LIMITS): Promise<string> => {
  const taken = await world.workspaces.collect(REPO, workspace, 'orch/K-1', 'K-1: developer (run 1.1)', BY)
  if (taken.is === 'refused') return `${taken.code}: ${taken.sentence}`
  const failure = await publishFailure(world.repositories, REPO, { given: workspace.given, head: taken.head }, limits, [
    KNOWN,
  ])
  if (failure === null) return 'published'
  assert.equal(failure.class, 'permanent')
  assert.doesNotMatch(failure.sentence, new RegExp(`${TOKEN}|${KNOWN}|aB3dE5gH7`))
  return `${failure.code}: ${failure.sentence}`
}
const inspected = (world: World, workspace: Workspace, head: string, limits = PUBLISH_LIMITS) =>
  world.workspaces
    .collect(REPO, workspace, 'orch/K-1', 'x', BY)
    .then(() => world.repositories.inspect(REPO, workspace.given, head, limits, [KNOWN]))

describe('a secret', () => {
  it('in a commit whose next one takes it back is found, with its commit and line', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    commit(workspace, { 'src/config.ts': 'one\n' })
    const leak = commit(workspace, { 'src/config.ts': `one\ntwo\nconst token = '${TOKEN}'\n` })
    commit(workspace, { 'src/config.ts': 'one\ntwo\n' })
    assert.equal(
      await left(world, workspace),
      `secret: Line 3 of src/config.ts in the commit ${leak.slice(0, 10)} holds a GitHub token; nothing was published.`,
    )
  })

  it('is found in what was left uncommitted, in a message, in a name, in a binary, in UTF-16 and in a link', async () => {
    await using world = await createWorld()
    const places: readonly (readonly [says: RegExp, plant: (workspace: Workspace) => void])[] = [
      [/^secret: Line 1 of \.env in/, ({ dir }) => write(dir, { '.env': `TOKEN=${KNOWN}\n` })],
      [/^secret: The message of the commit \w{10} holds a GitHub/, (w) => commit(w, { a: '1' }, `use ${TOKEN}`)],
      [/^secret: Line 1 of \[redacted: a GitHub token\]\.txt in/, ({ dir }) => write(dir, { [`${TOKEN}.txt`]: 'x' })],
      [/^secret: Line 1 of a\.bin/, ({ dir }) => write(dir, { 'a.bin': `\0\x01${TOKEN}\0` })],
      [/^secret: Line 2 of u/, ({ dir }) => writeFileSync(join(dir, 'u'), Buffer.from(`a\n${TOKEN}\n`, 'utf16le'))],
      [/^secret: Line 1 of link/, ({ dir }) => symlinkSync(KNOWN, join(dir, 'link'))],
      [
        /^secret: Line 2 of key holds|^secret: Line 2 of key in .* a private key/,
        (w) => write(w.dir, { key: `\n${privateKey()}` }),
      ],
      [
        /a secret of this installation \(and there is one more\)/,
        ({ dir }) => write(dir, { b: `${KNOWN}\n${KNOWN}\n` }),
      ],
    ]
    for (const [says, plant] of places) {
      const workspace = await world.workspace()
      plant(workspace)
      assert.match(await left(world, workspace), says)
    }
  })

  it('is found although git was told that the file is no text, and no program of the repository is run', async () => {
    await using world = await createWorld()
    const canary = join(world.dir, 'canary')
    world.commit({ '.gitattributes': '*.cfg -diff -text diff=trap filter=trap\n' })
    const workspace = await world.workspace()
    write(workspace.dir, { '.git/trap': `#!/bin/sh\ntouch ${canary}\ncat\n` })
    chmodSync(join(workspace.dir, '.git/trap'), 0o755)
    const head = commit(workspace, { 'a.cfg': `${TOKEN}\n` })
    for (const name of ['diff.trap.textconv', 'diff.external', 'filter.trap.clean', 'filter.trap.smudge'])
      git(workspace.dir, 'config', name, join(workspace.dir, '.git/trap'))
    await world.workspaces.collect(REPO, workspace, 'orch/K-1', 'x', BY)
    rmSync(canary, { force: true })
    const { secrets } = await world.repositories.inspect(REPO, workspace.given, head, PUBLISH_LIMITS, [])
    assert.deepEqual(secrets, [{ commit: head, path: 'a.cfg', line: 1, kind: 'a GitHub token' }])
    assert.equal(existsSync(canary), false)
  })

  it('that a merge brings in by itself is found; what came with base is not the agent’s', async () => {
    await using world = await createWorld()
    const first = await world.fetch()
    world.commit({ 'fixture.txt': `${TOKEN}\n`, 'src/a.txt': `theirs ${TOKEN}\n` })
    const workspace = await world.workspace({ sha: first })
    commit(workspace, { 'src/a.txt': 'ours\n' })
    assert.throws(() => git(workspace.dir, 'merge', '-q', 'origin/base'))
    commit(workspace, { 'src/a.txt': `ours\ntheirs ${TOKEN}\n` }, 'merge base')
    assert.equal(await left(world, workspace), 'published')
    git(workspace.dir, 'reset', '-q', '--hard', 'HEAD~1')
    assert.throws(() => git(workspace.dir, 'merge', '-q', 'origin/base'))
    commit(workspace, { 'src/a.txt': `ours\n${KNOWN}\ntheirs ${TOKEN}\n` }, 'merge base')
    assert.match(await left(world, workspace), /^secret: Line 2 of src\/a\.txt/)
  })

  it('that was there before is nobody’s new one: lines that stay, files that move, branches that are out', async () => {
    await using world = await createWorld()
    world.commit({ 'fixture.txt': `${TOKEN}\nline\n`, 'old/deep.txt': `x ${TOKEN}\n` })
    const workspace = await world.workspace()
    git(workspace.dir, 'mv', 'old/deep.txt', 'moved.txt')
    commit(workspace, { 'fixture.txt': `new first line\n${TOKEN}\nline\nlast\n` })
    assert.equal(await left(world, workspace), 'published')
    const again = commit(workspace, { 'fixture.txt': `${TOKEN} again\n` })
    assert.match(
      await left(world, workspace),
      new RegExp(`^secret: Line 1 of fixture\\.txt in the commit ${again.slice(0, 10)}`),
    )
  })
})

describe('what leads out of the repository', () => {
  it('is refused: absolute links, links upwards, links into .git; links within are fine', async () => {
    await using world = await createWorld()
    const links: readonly (readonly [name: string, target: string, leadsOut: boolean])[] = [
      ['abs', '/etc/passwd', true],
      ['up', '../outside', true],
      ['deep/er/up', '../../../x', true],
      ['winding', 'src/../../x', true],
      ['dot', '..', true],
      ['hooks', '.git/hooks', true],
      ['HOOKS', './.GIT/hooks', true],
      ['drive', 'C:/x', true],
      ['backslash', '..\\..\\x', true],
      ['long', 'x/'.repeat(2_040), false],
      ['in', 'README.md', false],
      ['deep/in', '../src/a.txt', false],
      ['deep/root', '..', false],
      ['dangling', 'not/there', false],
    ]
    for (const [name, target, leadsOut] of links) {
      const workspace = await world.workspace()
      write(workspace.dir, { 'deep/er/x': '' })
      symlinkSync(target, join(workspace.dir, name))
      const answer = await left(world, workspace)
      if (!leadsOut) assert.equal(answer, 'published', name)
      else
        assert.equal(
          answer,
          `symlink: The symbolic link ${name} leads out of the repository; only links within it are allowed.`,
        )
    }
  })

  it('is refused when an old link is turned, and let through when the last commit takes a bad one back', async () => {
    await using world = await createWorld()
    symlinkSync('/usr', join(world.clone, 'usr'))
    world.commit({})
    const workspace = await world.workspace()
    commit(workspace, { a: '1' })
    assert.equal(await left(world, workspace), 'published')
    symlinkSync('../x', join(workspace.dir, 'bad'))
    commit(workspace, {})
    rmSync(join(workspace.dir, 'bad'))
    commit(workspace, {})
    assert.equal(await left(world, workspace), 'published')
    rmSync(join(workspace.dir, 'usr'))
    symlinkSync('/var', join(workspace.dir, 'usr'))
    assert.match(await left(world, workspace), /^symlink: The symbolic link usr leads/)
  })

  it('is refused: a new submodule, a nested repository, another address of one; an old one may be moved on', async () => {
    await using world = await createWorld()
    const link = (dir: string, id: string, path = 'sub') =>
      git(dir, 'update-index', '--add', '--cacheinfo', `160000,${id.repeat(40)},${path}`)
    const workspace = await world.workspace()
    mkdirSync(join(workspace.dir, 'sub'))
    link(workspace.dir, 'd')
    git(workspace.dir, 'commit', '-q', '-m', 'a submodule')
    assert.match(await left(world, workspace), /^submodule: sub would add or redirect a submodule/)

    const nested = await world.workspace()
    git(nested.dir, 'init', '-q', 'vendor')
    git(join(nested.dir, 'vendor'), 'commit', '-q', '--allow-empty', '-m', 'x')
    assert.match(await left(world, nested), /^submodule: vendor would/)

    link(world.clone, 'e')
    write(world.clone, { '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = https://example.test/sub.git\n' })
    git(world.clone, 'add', '.gitmodules')
    git(world.clone, 'commit', '-q', '-m', 'a submodule of people')
    git(world.clone, 'push', '-q', 'origin', 'HEAD:main')
    const other = await world.workspace()
    link(other.dir, 'f')
    git(other.dir, 'commit', '-q', '-m', 'a newer one')
    git(other.dir, 'update-index', '--skip-worktree', 'sub')
    assert.equal(await left(world, other), 'published')
    write(other.dir, { '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = https://evil.test/sub.git\n' })
    assert.match(await left(world, other), /^submodule: \.gitmodules would/)
  })
})

describe('what is too large', () => {
  it('is a file of 200 MB, refused before it costs anything', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    writeFileSync(join(workspace.dir, 'data.bin'), '')
    truncateSync(join(workspace.dir, 'data.bin'), 200e6)
    const began = performance.now()
    assert.match(await left(world, workspace), /^too-large: The work, \.\/data\.bin, is larger than 100 MiB/)
    assert.ok(performance.now() - began < 5_000)
  })

  it('is a file beyond its limit, also where a later commit removes it, and it is not even read', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    writeFileSync(join(workspace.dir, 'movie.bin'), '')
    truncateSync(join(workspace.dir, 'movie.bin'), 80 * 1024 * 1024)
    commit(workspace, {})
    const head = commit(workspace, { 'movie.bin': null, 'README.md': 'changed\n' })
    const began = performance.now()
    const inspection = await inspected(world, workspace, head)
    assert.ok(performance.now() - began < 5_000)
    assert.ok(inspection.bytes >= 80 * 1024 * 1024)
    assert.deepEqual(inspection.largest, { path: 'movie.bin', bytes: 80 * 1024 * 1024 })
    assert.equal(
      await left(world, workspace),
      'too-large: movie.bin has 80 MiB, 5 MiB are allowed for a file; large files do not belong in the repository.',
    )
  })

  it('is too much in all, too many files, too many commits', async () => {
    await using world = await createWorld()
    const limits = { patchBytes: 1_000, fileBytes: 900, files: 4, commits: 3 }
    const workspace = await world.workspace()
    commit(workspace, { a: 'x'.repeat(500) })
    commit(workspace, { a: 'y'.repeat(499) })
    assert.equal(await left(world, workspace, limits), 'published')
    commit(workspace, { a: 'zz' })
    assert.match(await left(world, workspace, limits), /^too-large: The work adds 1 KiB, 1 KiB are allowed/)
    const fourth = commit(workspace, {})
    assert.match(await left(world, workspace, limits), /^too-large: The work has 4 commits, 3 are allowed/)
    const { isPartial, files } = await inspected(world, workspace, fourth, limits)
    assert.deepEqual({ isPartial, files }, { isPartial: true, files: 0 })

    const single = await world.workspace()
    const large = commit(single, { a: 'x'.repeat(950) })
    assert.equal((await inspected(world, single, large, limits)).bytes, 950)
    assert.match(await left(world, single, limits), /^too-large: a has 1 KiB, 1 KiB are allowed for a file/)

    const other = await world.workspace()
    commit(other, { a: '1', b: '2', c: '3' })
    commit(other, { a: null, b: null, 'README.md': 'x' })
    assert.equal(await left(world, other, limits), 'published')
    commit(other, { d: '1' })
    assert.match(await left(world, other, limits), /^too-large: The work adds or changes 5 files, 4 are allowed/)
  })

  it('is counted by what was added to a text, not by the text', async () => {
    await using world = await createWorld()
    const long = 'a line of text\n'.repeat(10_000)
    world.commit({ 'long.txt': long })
    const workspace = await world.workspace()
    const head = commit(workspace, { 'long.txt': `first\n${long}last\n` })
    const { bytes, largest, files, commits } = await inspected(world, workspace, head)
    assert.deepEqual({ bytes, files, commits }, { bytes: 10, files: 1, commits: 1 })
    assert.equal(largest?.bytes, long.length + 11)
  })

  it('is a history that would have to be read over and over', async () => {
    await using world = await createWorld()
    const limits = { patchBytes: 1_000, fileBytes: 100_000, files: 10, commits: 10 }
    world.commit({ 'long.txt': 'a line of text\n'.repeat(1_000) })
    const workspace = await world.workspace()
    commit(workspace, { 'long.txt': `${'a line of text\n'.repeat(1_000)}1\n` })
    assert.match(await left(world, workspace, limits), /^too-large: The work is so large that it could not/)
    assert.equal(await left(world, workspace, { ...limits, patchBytes: 2_000 }), 'published')
  })

  it('is nothing that the limits allow, also when it is more than is read at once', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    for (let i = 0; i < 14; i++) {
      writeFileSync(join(workspace.dir, `${i}.bin`), '')
      truncateSync(join(workspace.dir, `${i}.bin`), 5 * 1024 * 1024 - i)
    }
    assert.equal(await left(world, workspace, { ...PUBLISH_LIMITS, patchBytes: 1024 ** 3 }), 'published')
  })

  it('is what cannot be looked through: more paths than git may print', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    // Trees that share their content: four levels of thirty names each, and no pack to speak of.
    let [type, id] = [
      'blob',
      execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: workspace.dir, input: '' }).toString().trim(),
    ]
    for (let level = 0; level < 4; level++) {
      const mode = type === 'blob' ? '100644' : '040000'
      const entries = Array.from(
        { length: 30 },
        (_, i) => `${mode} ${type} ${id}\t${'n'.repeat(20)}${String(i).padStart(2, '0')}\n`,
      )
      id = execFileSync('git', ['mktree'], { cwd: workspace.dir, input: entries.join('') })
        .toString()
        .trim()
      type = 'tree'
    }
    const head = git(workspace.dir, 'commit-tree', id, '-p', workspace.given, '-m', 'very many')
    git(workspace.dir, 'update-ref', 'refs/heads/orch/K-1', head)
    git(workspace.dir, 'checkout', '-q', '--detach', workspace.given)
    assert.match(await left(world, workspace), /^too-large: The work is so large that it could not be looked through/)
  })
})

describe('a run that leaves', () => {
  it('nothing at all publishes nothing', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    assert.deepEqual(await inspected(world, workspace, workspace.given), {
      commits: 0,
      files: 0,
      bytes: 0,
      largest: null,
      links: [],
      submodules: [],
      secrets: [],
      isPartial: false,
    })
    assert.equal(await left(world, workspace), 'published')
    rmSync(workspace.dir, { recursive: true })
    assert.match(await left(world, workspace), /^workspace-gone: There is no repository left/)
  })

  it('another history, or its commits elsewhere, is refused with the reason', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace({ sha: world.commit({ a: '1' }) })
    git(workspace.dir, 'commit', '-q', '--amend', '-m', 'amended')
    assert.match(await left(world, workspace), /^history-rewritten: orch\/K-1 no longer contains/)
    const other = await world.workspace()
    git(other.dir, 'checkout', '-q', '--orphan', 'elsewhere')
    commit(other, { b: '1' })
    assert.match(await left(world, other), /^unreadable: .*commits lie on another branch/)
  })

  it('good work is let through, whatever its files are called', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    commit(workspace, { 'a\nb\t"c"': 'x', ':100644': 'y', 'ü/😀': 'z', 'src/a.txt': null, '-rf': '' })
    const head = commit(workspace, { 'docs/x.md': 'text\n' })
    const { files, bytes, commits } = await inspected(world, workspace, head)
    assert.deepEqual({ files, bytes, commits }, { files: 5, bytes: 7, commits: 2 })
    assert.equal(await left(world, workspace), 'published')
  })
})
