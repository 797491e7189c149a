import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { UserError } from '../../src/core/errors.ts'
import { dataFolder, ensureToken, prepareDataFolder } from '../../src/main/data-folder.ts'
import { folderWith } from './config/support.ts'

const refusal = async (root: string, runs?: string): Promise<string> => {
  const thrown = await prepareDataFolder(dataFolder(root, runs)).then(
    () => assert.fail('it was made'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof UserError, String(thrown))
  assert.doesNotMatch(thrown.message, /\n/)
  return thrown.message
}

describe('the data folder', () => {
  test('is made with all above it, for its owner alone, and is in no commit of the repository around it', async (t) => {
    const root = join(folderWith(t), 'a/b')
    const folder = dataFolder(root)
    for (const _ of [1, 2]) await prepareDataFolder(folder)
    assert.equal(statSync(root).mode & 0o777, 0o700)
    assert.equal(readFileSync(join(root, '.gitignore'), 'utf8'), '*\n')
    assert.ok(existsSync(folder.runs))
    const token = await ensureToken(folder.token)
    assert.equal(await ensureToken(folder.token), token)
    assert.equal(statSync(folder.token).mode & 0o777, 0o600)
  })

  test('that cannot be made is one sentence with the setting to change', async (t) => {
    const folder = folderWith(t)
    writeFileSync(join(folder, 'file'), 'mine')
    assert.match(
      await refusal(join(folder, 'file')),
      /file \(a file is in the way\); choose another folder with data_dir/,
    )
    assert.match(await refusal(join(folder, 'file/x')), /x \(a part of the path is a file\); choose/)
    assert.match(await refusal(join(folder, 'data'), join(folder, 'file')), /file \(.*\); .* with runs_dir/)
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'mine')
  })

  test('below a file system where nobody can make a folder is refused, not tried for ever', {
    skip: process.platform !== 'linux',
  }, async () => {
    assert.match(await refusal('/proc/orch/data'), /\/proc\/orch\/data \(no folder can be made there\)/)
  })

  test('keeps a .gitignore that a person has written', async (t) => {
    const root = join(folderWith(t), 'data')
    mkdirSync(root)
    writeFileSync(join(root, '.gitignore'), '*\n!keep\n')
    await prepareDataFolder(dataFolder(root))
    assert.equal(readFileSync(join(root, '.gitignore'), 'utf8'), '*\n!keep\n')
  })
})
