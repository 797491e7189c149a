import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Workspace } from '../../../src/engine/ports/repositories.ts'
import { BY, createWorld, existsSync, git, REPO, snapshot, type World, write } from './world.ts'

const probe = await createWorld()
const answer = await probe.processes.canSandbox()
await probe[Symbol.asyncDispose]()

/** As the agent would: in its checkout, as whom it was told to be. */
const asAgent = (workspace: Workspace, files: Readonly<Record<string, string | null>>, message?: string): string => {
  write(workspace.dir, files)
  if (message === undefined) return ''
  git(workspace.dir, 'add', '-A')
  git(workspace.dir, 'commit', '-q', '--no-verify', '-m', message)
  return git(workspace.dir, 'rev-parse', 'HEAD')
}
const collect = (world: World, workspace: Workspace) =>
  world.workspaces.collect(REPO, workspace, 'orch/K-1', 'K-1: developer (run 1.1)', BY)
const collected = async (world: World, workspace: Workspace): Promise<string> => {
  const answer = await collect(world, workspace)
  assert.equal(answer.is, 'collected', JSON.stringify(answer))
  return answer.is === 'collected' ? answer.head : ''
}
const refused = async (world: World, workspace: Workspace) => {
  const answer = await collect(world, workspace)
  return answer.is === 'refused' ? `${answer.code}: ${answer.sentence}` : answer.head
}

describe('a workspace', () => {
  it('is a clone on its own branch, with base, an author, and no way to the forge', async () => {
    await using world = await createWorld()
    const sha = world.commit({ 'side.txt': 'x' }, 'orch/K-1')
    git(world.clone, 'checkout', '-q', 'main')
    const base = world.commit({ 'later.txt': 'x' })
    const workspace = await world.workspace({ sha })
    const ask = (...args: string[]) => git(workspace.dir, ...args)
    assert.equal(ask('symbolic-ref', 'HEAD'), 'refs/heads/orch/K-1')
    assert.equal(ask('rev-parse', 'HEAD'), sha)
    assert.equal(ask('rev-parse', 'origin/base'), base)
    assert.equal(ask('status', '--porcelain'), '')
    assert.equal(ask('for-each-ref', '--format=%(refname)'), 'refs/heads/orch/K-1\nrefs/remotes/origin/base')
    assert.deepEqual([ask('config', 'user.name'), ask('config', 'user.email')], [BY.name, BY.email])
    assert.equal(ask('remote'), '')
    assert.equal(readFileSync(join(workspace.dir, 'side.txt'), 'utf8'), 'x')
    assert.deepEqual([readdirSync(workspace.home), readdirSync(workspace.tmp)], [[], []])
  })

  it('is made afresh each time, at the same place', async () => {
    await using world = await createWorld()
    const first = await world.workspace()
    asAgent(first, { 'new.txt': 'x', '.git/hooks/post-checkout': '#!/bin/sh\ntouch ran' }, 'mine')
    write(first.home, { '.gitconfig': '[user]\n\tname = evil\n' })
    const second = await world.workspace()
    assert.equal(second.dir, first.dir)
    assert.equal(git(second.dir, 'rev-parse', 'HEAD'), second.given)
    assert.deepEqual([existsSync(join(second.dir, 'new.txt')), readdirSync(second.home)], [false, []])
  })

  it('takes author names as they are', async () => {
    await using world = await createWorld()
    await world.fetch()
    const by = { name: 'A \\ "B"\n[core] # ;', email: 'a@b' }
    const base = await world.fetch()
    const { dir } = await world.workspaces.create({
      repo: REPO,
      label: 'K-1',
      branch: 'x',
      sha: base,
      by,
      sandbox: 'off',
    })
    assert.equal(git(dir, 'config', 'user.name'), by.name)
  })

  it('is listed, and removed whatever was done to it', async () => {
    await using world = await createWorld()
    assert.deepEqual(await world.workspaces.list(), [])
    const workspace = await world.workspace()
    await world.workspace({ label: 'K-1.check' })
    assert.deepEqual(await world.workspaces.list(), ['K-1', 'K-1.check'])
    const outside = join(world.dir, 'outside')
    write(outside, { keep: 'x' })
    write(workspace.dir, { 'locked/inner/file': 'x', '-rf': 'x', 'a\nb': 'x' })
    writeFileSync(Buffer.concat([Buffer.from(`${workspace.dir}/`), Buffer.of(0xff, 0xfe)]), 'x')
    symlinkSync(outside, join(workspace.dir, 'link'))
    symlinkSync(outside, join(workspace.dir, 'locked/inner/link'))
    chmodSync(join(workspace.dir, 'locked/inner'), 0)
    chmodSync(join(workspace.dir, 'locked'), 0o555)
    await world.workspaces.remove('K-1')
    await world.workspaces.remove('K-1')
    assert.deepEqual(await world.workspaces.list(), ['K-1.check'])
    assert.deepEqual(snapshot(outside), { keep: 'x' })
    assert.equal(statSync(outside).mode & 0o777, 0o755)
    for (const label of ['..', '.', 'a/b', '.hidden', 'x.lock', ''])
      await assert.rejects(world.workspaces.remove(label), /cannot be the name of a workspace/)
  })

  it('of 3,000 files is there at once', async (t) => {
    await using world = await createWorld()
    const text = 'a line of text\n'.repeat(60)
    const files = Array.from(
      { length: 3000 },
      (_, i) => `M 644 inline src/${i % 60}/file-${i}.ts\ndata ${text.length}\n${text}`,
    )
    const input = `commit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 1\nx\nfrom refs/heads/main^0\n${files.join('')}`
    execFileSync('git', ['fast-import', '--quiet'], { cwd: world.forge, input })
    await world.fetch()
    const began = performance.now()
    const workspace = await world.workspace()
    t.diagnostic(`created in ${Math.round(performance.now() - began)} ms`)
    assert.equal(git(workspace.dir, 'status', '--porcelain'), '')
    assert.ok(performance.now() - began < 10_000)
  })
})

describe('an untouched workspace', () => {
  it('may hold ignored files, and nothing else that is new, changed or gone', async () => {
    await using world = await createWorld()
    const sha = world.commit({ '.gitignore': 'ignored/\n' }, 'orch/K-1')
    const workspace = await world.workspace({ sha })
    const is = () => world.workspaces.isUntouched(workspace)
    assert.equal(await is(), true)
    write(workspace.dir, { 'ignored/x': 'x' })
    assert.equal(await is(), true)
    for (const [path, text] of [
      ['new', 'x'],
      ['README.md', 'changed'],
      ['src/a.txt', null],
    ] as const) {
      write(workspace.dir, { [path]: text })
      assert.equal(await is(), false, path)
      git(workspace.dir, 'reset', '-q', '--hard')
      git(workspace.dir, 'clean', '-q', '-f', '-d')
    }
    assert.equal(await is(), true)
    rmSync(workspace.dir, { recursive: true })
    assert.equal(await is(), false)
  })

  it('is judged without looking into submodules, which would run what they hold', async () => {
    await using world = await createWorld()
    git(world.clone, 'update-index', '--add', '--cacheinfo', `160000,${'d'.repeat(40)},sub`)
    git(world.clone, 'commit', '-q', '-m', 'a submodule')
    git(world.clone, 'push', '-q', 'origin', 'main')
    const workspace = await world.workspace()
    const canary = join(world.dir, 'canary')
    const sub = join(workspace.dir, 'sub')
    git(workspace.dir, 'init', '-q', sub)
    write(sub, { file: 'x', '.git/trap': `#!/bin/sh\ntouch ${canary}\n` })
    git(sub, 'add', 'file')
    git(sub, 'commit', '-q', '-m', 'x')
    chmodSync(join(sub, '.git/trap'), 0o755)
    git(sub, 'config', 'core.fsmonitor', join(sub, '.git/trap'))
    assert.equal(await world.workspaces.isUntouched(workspace), true)
    assert.equal(existsSync(canary), false)
  })

  it('is judged without believing, or running, anything in it', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    const canary = join(world.dir, 'canary')
    git(workspace.dir, 'update-index', '--assume-unchanged', 'README.md')
    plant(workspace, canary)
    rmSync(join(workspace.dir, '.gitattributes'))
    assert.equal(await world.workspaces.isUntouched(workspace), true)
    write(workspace.dir, { 'README.md': 'changed', '.git/info/exclude': '*\n' })
    assert.equal(await world.workspaces.isUntouched(workspace), false)
    assert.deepEqual([existsSync(canary), existsSync(join(workspace.dir, '.git/ran'))], [false, false])
  })
})

describe('collecting', () => {
  it('commits what is left, in the name of the role, and keeps it in the copy alone', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    asAgent(workspace, { 'new file': 'x', 'src/a.txt': null, 'README.md': 'changed' })
    const head = await collected(world, workspace)
    assert.deepEqual(await world.repositories.changedPaths(REPO, workspace.given, head), [
      'README.md',
      'new file',
      'src/a.txt',
    ])
    assert.equal(
      git(world.copy, 'show', '-s', '--format=%P|%an|%ae|%cn|%B', head).trim(),
      `${workspace.given}|${BY.name}|${BY.email}|${BY.name}|K-1: developer (run 1.1)`,
    )
    assert.equal(
      git(world.copy, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/runs'),
      `refs/runs/K-1 ${head}`,
    )
    assert.equal(git(world.forge, 'for-each-ref', '--format=%(refname)'), 'refs/heads/main')
  })

  it('keeps the commits that the agent made, and adds none where nothing is left', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    assert.equal(await collected(world, workspace), workspace.given)
    asAgent(workspace, { a: '1' }, 'first')
    const head = asAgent(workspace, { b: '1' }, 'second')
    assert.equal(await collected(world, workspace), head)
    assert.equal(await world.repositories.countBetween(REPO, workspace.given, head), 2)
    write(workspace.dir, { c: '1' })
    const next = await collected(world, workspace)
    assert.equal(await world.repositories.countBetween(REPO, head, next), 1)
  })

  it('goes on where the agent was killed in the middle of a commit', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    write(workspace.dir, { a: '1', '.git/index.lock': '', '.git/refs/heads/orch/K-1.lock': '' })
    const head = await collected(world, workspace)
    assert.deepEqual(await world.repositories.changedPaths(REPO, workspace.given, head), ['a'])
  })

  it('takes work that was left beside the branch, if it goes on from it', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    git(workspace.dir, 'checkout', '-q', '--detach')
    const detached = asAgent(workspace, { a: '1' }, 'detached')
    write(workspace.dir, { b: '1' })
    const head = await collected(world, workspace)
    assert.equal(await world.repositories.isAncestor(REPO, detached, head), true)
    git(workspace.dir, 'checkout', '-q', 'origin/base')
    assert.equal(await collected(world, workspace), head)
    write(workspace.dir, { c: '1' })
    assert.match(await refused(world, workspace), /^unreadable: .*uncommitted changes lie on another branch/)
  })

  it('refuses rewritten history, a lost branch, an unfinished merge and a lost workspace', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace({ sha: world.commit({ a: '1' }) })
    const { dir } = workspace
    git(dir, 'commit', '-q', '--amend', '--no-verify', '-m', 'amended')
    assert.match(await refused(world, workspace), /^history-rewritten: orch\/K-1 no longer contains/)
    git(dir, 'reset', '-q', '--hard', 'HEAD~1')
    assert.match(await refused(world, workspace), /^history-rewritten/)
    git(dir, 'checkout', '-q', '--orphan', 'new')
    git(dir, 'branch', '-q', '-D', 'orch/K-1')
    assert.match(await refused(world, workspace), /^unreadable: .*the branch orch\/K-1 is gone/)

    const again = await world.workspace()
    git(dir, 'checkout', '-q', '-b', 'other')
    asAgent(again, { 'README.md': 'theirs' }, 'theirs')
    git(dir, 'checkout', '-q', 'orch/K-1')
    asAgent(again, { 'README.md': 'ours' }, 'ours')
    assert.throws(() => git(dir, 'merge', 'other'))
    assert.match(await refused(world, again), /^unreadable: .*a merge was left with conflicts/)
    rmSync(join(dir, '.git'), { recursive: true })
    assert.match(await refused(world, again), /^workspace-gone: There is no repository left/)
    rmSync(dir, { recursive: true })
    assert.match(await refused(world, again), /^workspace-gone/)
    assert.equal(git(world.copy, 'for-each-ref', 'refs/runs'), '')
  })

  it('refuses damaged and missing objects', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    const head = asAgent(workspace, { a: 'precious' }, 'mine')
    const blob = git(workspace.dir, 'rev-parse', `${head}:a`)
    rmSync(join(workspace.dir, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    write(workspace.dir, { a: null })
    assert.match(await refused(world, workspace), /^unreadable: .*objects are missing/)

    const other = await world.workspace()
    write(other.home, {
      evil: `tree ${git(other.dir, 'rev-parse', 'HEAD^{tree}')}\nparent ${other.given}\nauthor a a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n`,
    })
    const evil = git(other.dir, 'hash-object', '-t', 'commit', '-w', '--literally', join(other.home, 'evil'))
    git(other.dir, 'update-ref', 'refs/heads/orch/K-1', evil)
    assert.match(await refused(world, other), /^unreadable: The commits that were left are damaged/)
    assert.equal(await world.repositories.isAncestor(REPO, evil, other.given), false)
  })

  it('refuses commits that were left on another branch, also when the checkout is clean', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    git(workspace.dir, 'checkout', '-q', '--orphan', 'other')
    asAgent(workspace, { a: '1' }, 'elsewhere')
    assert.match(await refused(world, workspace), /^unreadable: .*commits lie on another branch than orch\/K-1/)
    git(workspace.dir, 'checkout', '-q', '-b', 'mine', 'orch/K-1')
    const head = asAgent(workspace, { b: '1' }, 'goes on from ours')
    assert.equal(await collected(world, workspace), head)
  })

  it('refuses a file of 200 MB before git reads it, and whatever else goes beyond 100 MiB', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    const packs = () => Object.keys(snapshot(join(world.copy, 'objects/pack'), /\.(idx|rev)$/)).length
    const before = packs()
    const inWorkspace = () => git(workspace.dir, 'count-objects')
    const objects = inWorkspace()
    const sparse = (name: string, bytes: number) => {
      writeFileSync(join(workspace.dir, name), '')
      truncateSync(join(workspace.dir, name), bytes)
    }
    sparse('-big one.bin', 200e6)
    assert.match(await refused(world, workspace), /^too-large: The work, \.\/-big one\.bin, is larger than 100 MiB/)
    sparse('-big one.bin', 1e13)
    assert.match(await refused(world, workspace), /^too-large/)
    assert.equal(inWorkspace(), objects, 'git has read it')
    rmSync(join(workspace.dir, '-big one.bin'))

    // Zeros become a small pack: their true size is what counts.
    sparse('zeros-1', 60e6)
    sparse('zeros-2', 60e6 - 1)
    assert.match(await refused(world, workspace), /^too-large: The work, the commits with 1200\d+ bytes, is larger/)
    assert.equal(packs(), before)
  })

  it('refuses a pack beyond 100 MiB, also from a workspace that hides what it holds', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace()
    git(workspace.dir, 'config', 'core.compression', '0')
    git(workspace.dir, 'config', 'core.bigFileThreshold', '1m')
    git(workspace.dir, 'config', 'pack.compression', '0')
    writeFileSync(join(workspace.dir, 'big'), Buffer.alloc(101 * 1024 * 1024))
    const head = asAgent(workspace, {}, 'large')
    git(workspace.dir, 'update-ref', 'refs/remotes/hidden', head)
    assert.match(await refused(world, workspace), /^too-large: The work is larger than 100 MiB/)
    assert.equal(Object.keys(snapshot(join(world.copy, 'objects/pack'), /\.(idx|rev)$/)).length, 1)
  })

  it('is safe for many workspaces of one repository', async () => {
    await using world = await createWorld()
    const base = await world.fetch()
    const heads = await Promise.all(
      ['K-1', 'K-2', 'K-3'].map(async (label) => {
        const workspace = await world.workspaces.create({
          repo: REPO,
          label,
          branch: 'orch/K-1',
          sha: base,
          by: BY,
          sandbox: 'off',
        })
        write(workspace.dir, { [label]: label })
        return collected(world, workspace)
      }),
    )
    assert.deepEqual(await Promise.all(heads.map((head) => world.repositories.changedPaths(REPO, base, head))), [
      ['K-1'],
      ['K-2'],
      ['K-3'],
    ])
  })
})

/** Everything a repository may make git run, all of it touching `canary`. */
const plant = (workspace: Workspace, canary: string): void => {
  const trap = join(workspace.dir, '.git', 'trap')
  write(workspace.dir, {
    '.gitattributes': '* filter=trap diff=trap merge=trap\n',
    '.git/trap': `#!/bin/sh\necho "$0 $*" >> ${canary} 2>/dev/null\necho "$0" >> ${workspace.dir}/.git/ran\ncat 2>/dev/null\n`,
    '.git/included': `[core]\n\tfsmonitor = ${workspace.dir}/.git/hooks/fsmonitor-watchman\n\thooksPath = ${workspace.dir}/.git/hooks\n`,
  })
  chmodSync(trap, 0o755)
  mkdirSync(join(workspace.dir, '.git/hooks'), { recursive: true })
  for (const hook of [
    'pre-commit',
    'prepare-commit-msg',
    'commit-msg',
    'post-commit',
    'post-index-change',
    'reference-transaction',
    'pre-auto-gc',
    'fsmonitor-watchman',
    'post-checkout',
    'pre-push',
    'update',
    'post-update',
    'pre-receive',
    'post-receive',
  ])
    writeFileSync(join(workspace.dir, '.git/hooks', hook), readFileSync(trap), { mode: 0o755 })
  for (const [name, value] of [
    ['core.fsmonitor', join(workspace.dir, '.git/hooks/fsmonitor-watchman')],
    ['core.hooksPath', join(workspace.dir, '.git/hooks')],
    ['core.editor', trap],
    ['core.pager', trap],
    ['core.sshCommand', trap],
    ['core.askPass', trap],
    ['core.alternateRefsCommand', trap],
    ['core.gitProxy', trap],
    ['filter.trap.clean', trap],
    ['filter.trap.smudge', trap],
    ['filter.trap.process', trap],
    ['diff.external', trap],
    ['diff.trap.textconv', trap],
    ['merge.trap.driver', trap],
    ['credential.helper', trap],
    ['gpg.program', trap],
    ['commit.gpgSign', 'true'],
    ['uploadpack.packObjectsHook', trap],
    ['sequence.editor', trap],
    ['include.path', join(workspace.dir, '.git/included')],
  ] as const)
    git(workspace.dir, 'config', name, value)
}

describe('a hostile workspace', answer.can ? {} : { skip: answer.why }, () => {
  it('runs what it planted in its own isolation at most, and reaches nothing of ours', async () => {
    await using world = await createWorld()
    const workspace = await world.workspace({ sandbox: 'on' })
    const canary = join(world.dir, 'canary')
    plant(workspace, canary)
    // Objects of others: a store that the sandbox hides.
    write(world.dir, { 'data/secret/objects/key': 'secret' })
    writeFileSync(
      join(workspace.dir, '.git/objects/info/alternates'),
      `${world.copy}/objects\n${world.dir}/data/secret/objects\n`,
    )
    write(workspace.dir, { 'work.txt': 'done' })
    const untouched = /^(objects|refs\/runs)\//
    const before = snapshot(world.copy, untouched)
    await collect(world, workspace)
    // The filter is part of what the files mean; everything else is not even run inside.
    const ran = new Set(readFileSync(join(workspace.dir, '.git/ran'), 'utf8').trim().split('\n'))
    assert.deepEqual([...ran], [join(workspace.dir, '.git/trap')])
    assert.equal(existsSync(canary), false)
    assert.deepEqual(snapshot(world.copy, untouched), before)
    await world.workspace({ sandbox: 'on' })
    await world.workspaces.remove('K-1')
    assert.equal(existsSync(canary), false)
  })

  it('sees its own folders and the shared objects, not other tasks, copies or refs', async () => {
    await using world = await createWorld()
    await world.workspace({ label: 'K-2' })
    const workspace = await world.workspace({ sandbox: 'on' })
    const script = [
      'git log -1 --format=%s',
      `ls ${world.dir}/data; ls ${world.dir}/data/workspaces; ls ${world.copy}`,
      'echo x > file && git add -A && git commit -q -m mine && echo committed',
      `(: > ${world.copy}/objects/x) 2>/dev/null || echo refused`,
      `(: > ${workspace.dir}/../x) 2>/dev/null || echo refused`,
      ': > "$HOME/x" && : > "$TMPDIR/x" && echo private',
    ].join('\n')
    const { tail } = await world.processes.start({
      argv: ['sh', '-c', script],
      cwd: workspace.dir,
      env: { PATH: process.env.PATH ?? '', HOME: workspace.home, TMPDIR: workspace.tmp },
      sandbox: workspace.sandbox,
      timeoutMs: 20_000,
      graceMs: 0,
      tailBytes: 4000,
    }).result
    const expected = [
      'first',
      'repositories',
      'workspaces',
      'K-1',
      'objects',
      'committed',
      'refused',
      'refused',
      'private',
    ]
    assert.deepEqual(tail.trim().split('\n'), expected)
    const head = await collected(world, workspace)
    assert.equal(await world.repositories.countBetween(REPO, workspace.given, head), 1)
  })
})
