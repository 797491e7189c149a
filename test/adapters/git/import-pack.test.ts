import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openCopy } from '../../../src/adapters/git/copies.ts'
import { createGit } from '../../../src/adapters/git/git.ts'
import { importPack } from '../../../src/adapters/git/import-pack.ts'
import { createWorld, git, type World } from './world.ts'

const open = (world: World) => openCopy(createGit(world.processes, { PATH: process.env.PATH }, 0), world.copy)
const objects = (world: World): string => git(world.copy, 'cat-file', '--batch-all-objects', '--batch-check')

/** A commit that only the person's clone has, and the pack that would bring it. */
const makePack = (world: World): { head: string; pack: Buffer } => {
  git(world.clone, 'commit', '-q', '--allow-empty', '-m', 'new')
  const head = git(world.clone, 'rev-parse', 'HEAD')
  const pack = execFileSync('git', ['pack-objects', '-q', '--revs', '--thin', '--stdout'], {
    cwd: world.clone,
    input: `${head}\n^${head}~1\n`,
  })
  return { head, pack }
}

describe('what a workspace hands over', () => {
  it('comes in when it is a sound pack with the commit', async () => {
    await using world = await createWorld()
    await world.fetch()
    const { head, pack } = makePack(world)
    writeFileSync(join(world.dir, 'pack'), pack)
    assert.equal(await importPack(open(world), join(world.dir, 'pack'), head), null)
    assert.equal(git(world.copy, 'cat-file', '-t', head), 'commit')
    assert.equal(await importPack(open(world), join(world.dir, 'gone'), head), null)
  })

  it('is refused when it is anything else, and nothing of it is run or followed', async () => {
    await using world = await createWorld()
    await world.fetch()
    const { head, pack } = makePack(world)
    const canary = join(world.dir, 'canary')
    const at = (name: string) => join(world.dir, name)
    writeFileSync(at('real'), pack)
    symlinkSync(at('real'), at('link'))
    mkdirSync(at('folder'))
    // A repository whose upload would run a program, as a folder and as the pointer to one.
    git(world.dir, 'clone', '-q', '--bare', world.clone, at('trap'))
    git(at('trap'), 'config', 'uploadpack.packObjectsHook', `touch ${canary}; false`)
    writeFileSync(at('pointer'), `gitdir: ${at('trap')}\n`)
    git(world.clone, 'bundle', 'create', '-q', at('bundle'), 'HEAD')
    writeFileSync(at('cut'), pack.subarray(0, -5))
    writeFileSync(at('empty'), '')
    execFileSync('mkfifo', [at('fifo')])
    const before = objects(world)
    for (const name of ['link', 'folder', 'trap', 'pointer', 'bundle', 'cut', 'empty', 'fifo', 'nothing'])
      assert.match((await importPack(open(world), at(name), head)) ?? 'came in', /handed over a|are damaged/, name)
    assert.equal(objects(world), before)
    assert.throws(() => git(canary, 'version'))
    assert.match((await importPack(open(world), at('real'), 'd'.repeat(40))) ?? '', /dddddddddd is not among/)
  })
})
