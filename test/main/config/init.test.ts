import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { UserError } from '../../../src/core/errors.ts'
import { describeRepository, initConfig } from '../../../src/main/config/init.ts'
import { loadConfig, parseConfig } from '../../../src/main/config/load.ts'
import { folderWith, personEnv, repositoryWith } from './support.ts'

const initIn = ({ root, env }: { root: string; env: Record<string, string> }, force = false) =>
  initConfig({ dir: root, env, force })

/** A refusal is one sentence, and nothing was left behind. */
async function refused(root: string, env: Record<string, string>, expected: RegExp, force = false): Promise<void> {
  const before = readdirSync(root)
  await assert.rejects(initConfig({ dir: root, env, force }), (error: Error) => {
    assert.ok(error instanceof UserError, String(error.stack))
    assert.match(error.message, expected)
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
  assert.deepEqual(readdirSync(root), before)
}

describe('orch init', () => {
  test('writes what Orch can start from, with its guesses', async (t) => {
    const repository = repositoryWith(t, 'My Shop!', { 'package.json': '{"scripts":{"test":"node --test"}}' })
    const { path, notes } = await initIn(repository)
    assert.equal(path, join(repository.root, 'orch.config.yaml'))
    const { settings, warnings } = loadConfig({ path, env: {} })
    const [project] = settings.projects
    assert.deepEqual(
      [project?.id, project?.repo, project?.key_prefix, project?.base, project?.check, project?.source],
      ['my-shop', 'my-shop', 'MYSHOP', 'main', 'npm test', repository.root],
    )
    assert.deepEqual(project?.people, ['Ada Lovelace'])
    assert.deepEqual(warnings, [])
    assert.match(notes.join('\n'), /`npm test`, guessed from the test script of package.json/)
  })

  test('explains every setting; with every # taken away they are still the same', async (t) => {
    const { path } = await initIn(repositoryWith(t, 'shop'))
    const text = readFileSync(path, 'utf8')
    const all = text.replace(/^( *)#(?! )/gm, '$1').replace(/^#( {2}(?!#))/gm, '$1')
    assert.notEqual(all, text)
    assert.doesNotMatch(all, /^ *#[^ ]/m)
    for (const name of ['kill_grace_seconds', 'per_project', 'on_hold', 'runs_dir', 'port'])
      assert.match(all, new RegExp(`^[ -]*${name}:`, 'm'))
    const settingsOf = (yaml: string) => parseConfig(yaml, { path, env: {} }).settings
    assert.deepEqual(settingsOf(all), settingsOf(text))
    for (const line of text.split('\n')) assert.ok(!line.includes('# ') || line.length <= 120, line)
  })

  test('works from a folder below, and beside a work tree of the repository', async (t) => {
    const { root, env, git } = repositoryWith(t, 'shop', { 'src/deep/a.ts': '' })
    assert.equal(
      (await initConfig({ dir: join(root, 'src/deep'), env, force: false })).path,
      join(root, 'orch.config.yaml'),
    )
    git('worktree', 'add', '--quiet', '../other')
    assert.equal((await initConfig({ dir: join(root, '../other'), env, force: false })).facts.base, 'other')
  })

  test('never replaces a configuration unless it is forced to', async (t) => {
    const repository = repositoryWith(t, 'shop', { 'orch.config.yaml': 'mine\n' })
    await refused(repository.root, repository.env, /is there already and was left as it is.*--force/)
    assert.equal(readFileSync(join(repository.root, 'orch.config.yaml'), 'utf8'), 'mine\n')
    await initIn(repository, true)
    assert.match(readFileSync(join(repository.root, 'orch.config.yaml'), 'utf8'), /^projects:/m)
    assert.deepEqual(readdirSync(repository.root).sort(), ['.git', 'orch.config.yaml'])
  })

  test('refuses where there is no repository to work on, and leaves nothing behind', async (t) => {
    const home = folderWith(t)
    const env = personEnv(home)
    const make = (name: string, ...args: string[]) => {
      mkdirSync(join(home, name))
      if (args.length > 0) execFileSync('git', args, { cwd: join(home, name), env })
      return join(home, name)
    }
    await refused(make('plain'), env, /is in no Git repository; .*git init/)
    await refused(make('bare', 'init', '--quiet', '--bare'), env, /is a bare repository/)
    await refused(make('empty', 'init', '--quiet'), env, /branch "main" of .* has no commit yet/)
    await assert.rejects(initConfig({ dir: join(home, 'none'), env, force: false }), /There is no folder/)
    const { root, git } = repositoryWith(t, 'shop')
    await refused(join(root, '.git'), env, /lies inside a \.git folder/)
    git('switch', '--quiet', '--orphan', 'new')
    await refused(root, env, /branch "new" of .* has no commit yet/)
    const shallow = join(home, 'shallow')
    git('commit', '--quiet', '--allow-empty', '-m', 'a')
    git('commit', '--quiet', '--allow-empty', '-m', 'b')
    git('clone', '--quiet', '--depth', '1', `file://${root}`, shallow)
    await refused(shallow, env, /only a part of its history.*--unshallow/)
    await assert.rejects(initConfig({ dir: root, env: { ...env, PATH: home }, force: false }), /"git" was not found/)
  })

  test('does not follow variables that point Git elsewhere, and starts no file monitor', async (t) => {
    const other = repositoryWith(t, 'other')
    other.git('branch', '-m', 'elsewhere')
    const { root, env, git } = repositoryWith(t, 'shop')
    writeFileSync(join(root, 'spy'), `#!/bin/sh\ntouch ${root}/was-run\n`)
    chmodSync(join(root, 'spy'), 0o755)
    git('config', 'core.fsmonitor', join(root, 'spy'))
    const facts = await describeRepository(root, { ...env, GIT_DIR: join(other.root, '.git') })
    assert.deepEqual([facts.repo, facts.base], ['shop', 'main'])
    assert.ok(!existsSync(join(root, 'was-run')))
  })

  test('says what a person should look at', async (t) => {
    const { root, env, git } = repositoryWith(t, 'shop', { 'a.txt': 'a' })
    writeFileSync(join(root, 'a.txt'), 'changed')
    git('switch', '--quiet', '--detach')
    const { notes, facts } = await initConfig({ dir: root, env: { ...env, HOME: '/nonexistent' }, force: false })
    assert.deepEqual([facts.base, facts.detached, facts.dirty], ['main', true, true])
    assert.match(notes.join('\n'), /No branch is checked out.*into "main"/)
    assert.match(notes.join('\n'), /in no commit; Orch works from commits alone/)
    assert.match(notes.join('\n'), /no user\.name/)
    assert.match(notes.join('\n'), /Nothing here told how this repository is checked/)
  })

  test('names the schema for editors only where there is one', async (t) => {
    const schema = 'node_modules/orch/schema/orch.config.schema.json'
    const { path } = await initIn(repositoryWith(t, 'shop', { [schema]: '{}' }))
    assert.equal(readFileSync(path, 'utf8').split('\n')[0], `# yaml-language-server: $schema=./${schema}`)
    const without = await initIn(repositoryWith(t, 'shop'))
    assert.doesNotMatch(readFileSync(without.path, 'utf8'), /yaml-language-server/)
  })

  test('names in other scripts and names that look like variables come through', async (t) => {
    const repository = repositoryWith(t, '123-Überholspur')
    repository.git('config', 'user.name', '$USER')
    const { path, facts } = await initIn(repository)
    assert.deepEqual([facts.repo, facts.project, facts.keyPrefix], ['123-uberholspur', '123-uberholspur', 'UBERHOLSPU'])
    assert.deepEqual(loadConfig({ path, env: {} }).settings.projects[0]?.people, ['$USER'])
    const { facts: odd } = await initIn(repositoryWith(t, '日本'))
    assert.deepEqual([odd.repo, odd.project, odd.keyPrefix], ['project', 'project', 'TASK'])
  })

  test('a folder that may not be written gets one sentence', async (t) => {
    const { root, env } = repositoryWith(t, 'shop')
    chmodSync(root, 0o555)
    try {
      if (process.getuid?.() !== 0) return await refused(root, env, /could not be written \(this user may not write/)
      // Nothing is read-only for root, so another user has to try.
      const module = new URL('../../../src/main/config/init.ts', import.meta.url).href
      const options = JSON.stringify({ dir: root, env, force: false })
      const program = `import(${JSON.stringify(module)}).then((m) => m.initConfig(${options}).catch((e) => console.log(e.message)))`
      execFileSync('chown', ['-R', '65534:65534', join(root, '..')])
      const nobody = spawnSync(process.execPath, ['-e', program], {
        uid: 65_534,
        gid: 65_534,
        cwd: '/',
        encoding: 'utf8',
      })
      if (nobody.status !== 0) return t.skip('another user cannot read this folder')
      assert.match(nobody.stdout, /^[^\n]*could not be written \(this user may not write there[^\n]*\n$/)
      assert.deepEqual(readdirSync(root), ['.git'])
    } finally {
      chmodSync(root, 0o755)
    }
  })

  test('a folder in the place of the file gets one sentence, and no temporary file stays', async (t) => {
    const { root, env } = repositoryWith(t, 'shop')
    mkdirSync(join(root, 'orch.config.yaml/x'), { recursive: true })
    await refused(root, env, /could not be written \(a folder of that name is there/, true)
  })
})

describe('the base branch', () => {
  const baseOf = async ({ root, env }: { root: string; env: Record<string, string> }) => {
    const { base, baseFrom } = await describeRepository(root, env)
    return [base, baseFrom]
  }

  test('is the default of origin where that branch is here too, else the one that is checked out', async (t) => {
    const { root, env, git } = repositoryWith(t, 'shop')
    git('switch', '--quiet', '-c', 'topic')
    assert.deepEqual(await baseOf({ root, env }), ['topic', 'checked-out'])
    git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
    assert.deepEqual(await baseOf({ root, env }), ['main', 'origin'])
    git('branch', '--quiet', '-D', 'main')
    assert.deepEqual(await baseOf({ root, env }), ['topic', 'checked-out'])
  })

  test('is never a branch of Orch’s own', async (t) => {
    const { root, env, git } = repositoryWith(t, 'shop')
    git('switch', '--quiet', '-c', 'orch/SHOP-1')
    assert.deepEqual(await baseOf({ root, env }), ['main', 'guess'])
    git('branch', '--quiet', '-D', 'main')
    await refused(root, env, /commits but no branch of its own/)
  })
})

describe('the check command', () => {
  const guessed = async (t: TestContext, files: Record<string, string>) => {
    const { root, env } = repositoryWith(t, 'shop', files)
    return (await describeRepository(root, env)).check.command
  }
  const pkg = '{"scripts":{"test":"vitest run"}}'
  const cases: readonly [string, Record<string, string>, string][] = [
    ['a test script', { 'package.json': pkg }, 'npm test'],
    ['a test script and a lockfile', { 'package.json': pkg, 'package-lock.json': '{}' }, 'npm ci && npm test'],
    [
      'a lockfile of pnpm',
      { 'package.json': pkg, 'pnpm-lock.yaml': '' },
      'pnpm install --frozen-lockfile && pnpm test',
    ],
    ['the script of npm init', { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\""}}' }, ''],
    ['a broken package.json', { 'package.json': '{', 'go.mod': 'module x' }, 'go test ./...'],
    ['a package.json of nothing', { 'package.json': 'null' }, ''],
    ['a Makefile', { Makefile: '.PHONY: test\ntest: build\n\tgo test\n' }, 'make test'],
    ['a Makefile with both', { Makefile: 'test check: build\n' }, 'make check'],
    ['a Makefile with a variable of that name', { Makefile: 'test := 1\ntested: x\n' }, ''],
    ['Rust', { 'Cargo.toml': '' }, 'cargo test'],
    ['Go', { 'go.mod': '' }, 'go test ./...'],
    ['Python', { 'pyproject.toml': '' }, 'python3 -m pytest'],
    ['Python of old', { 'setup.cfg': '[tool:pytest]' }, 'python3 -m pytest'],
    ['a setup.cfg of something else', { 'setup.cfg': '[flake8]' }, ''],
    ['nothing known', { 'a.txt': '' }, ''],
  ]
  for (const [name, files, command] of cases)
    test(`is guessed from ${name}`, async (t) =>
      assert.equal(await guessed(t, files), command || 'git diff --check origin/base HEAD'))
})

test('the repository of another user is refused in one sentence', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a folder away')
  const { root, env } = repositoryWith(t, 'shop')
  assert.equal(spawnSync('chown', ['-R', '65534', root]).status, 0)
  await assert.rejects(initConfig({ dir: root, env, force: false }), /belongs to another user/)
})
