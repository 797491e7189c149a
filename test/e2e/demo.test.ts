import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, orch, repository } from './program.ts'

interface Report {
  task: string
  state: string
  repo: string
  base: string
  merge_commit: string
  stages: { stage: string; role: string; runs: number; ms: number }[]
}

const report = (out: string): Report => JSON.parse(out.trim().split('\n').at(-1) ?? '') as Report
const git = (repo: string, ...args: string[]) => execFileSync('git', ['-C', repo, ...args], { encoding: 'utf8' }).trim()

test('the demo carries a task to done, and its merge is in main', async (t) => {
  const cwd = folder(t)
  const { code, out, err } = await orch(['demo', '--json'], { cwd }).ended
  assert.equal(code, 0, err)
  assert.equal(out.trim().split('\n').length, 1, 'nothing but the one line is printed')
  const said = report(out)
  assert.deepEqual(Object.keys(said), ['task', 'state', 'repo', 'base', 'merge_commit', 'stages', 'usage', 'board'])
  assert.deepEqual([said.task, said.state, said.base], ['DEMO-1', 'done', 'main'])
  assert.deepEqual(
    said.stages.map(({ stage, role, runs }) => [stage, role, runs > 0]),
    [
      ['analysis', 'analyst', true],
      ['architecture', 'architect', true],
      ['development', 'developer', true],
      ['review', 'reviewer', true],
      ['testing', 'tester', true],
      ['deploy-staging', 'deployer', true],
      ['deploy', 'deployer', true],
    ],
  )
  assert.equal(git(said.repo, 'rev-parse', 'main'), said.merge_commit)
  assert.equal(git(said.repo, 'rev-list', '--count', '--merges', 'main'), '1')
  const documents = git(said.repo, 'ls-tree', '--name-only', 'main', 'docs/tasks/DEMO-1/')
    .split('\n')
    .map((path) => path.split('/').at(-1))
  assert.deepEqual(documents, [
    '01-analysis.md',
    '02-architecture.md',
    '12-review.md',
    '13-test-report.md',
    '14-staging-report.md',
  ])
  assert.match(git(said.repo, 'show', 'main:docs/tasks/DEMO-1/14-staging-report.md'), /^staging_status: SUCCESS$/m)
  assert.equal(git(said.repo, 'branch', '--format=%(refname:short)'), 'main', 'the merged branch is gone')
  assert.deepEqual(readdirSync(join(cwd, '.orch/demo/sample/workspaces')), [], 'no workspace is left')
})

test('the story is told in lines a person can read, the demo acts as the person, and the next run opens a new task', async (t) => {
  const cwd = folder(t)
  const first = await orch(['demo'], { cwd }).ended
  assert.equal(first.code, 0, first.err)
  assert.match(first.out, /not an intelligence/)
  assert.match(first.out, /The demo acts as the person/)
  assert.match(first.out, /✓ merged +merged as [0-9a-f]{10}/)
  assert.match(first.out, /merge commit +[0-9a-f]{40} in main of /)
  assert.match(first.out, /Everything is stopped, the board with it/)
  assert.doesNotMatch(first.out, /^\s*\{/m, 'no JSON')
  const second = await orch(['demo', '--json'], { cwd }).ended
  assert.equal(report(second.out).task, 'DEMO-2')
})

test('a repository of yours is only read, uncommitted work and all', async (t) => {
  const cwd = folder(t)
  const own = join(cwd, 'own')
  mkdirSync(own)
  const { git: inOwn } = repository(own)
  writeFileSync(join(own, 'uncommitted.txt'), 'mine')
  const state = () => [
    inOwn('for-each-ref'),
    inOwn('status', '--porcelain'),
    inOwn('config', '--list', '--local'),
    readdirSync(join(own, '.git')).sort().join(),
  ]
  const before = state()
  const { code, out, err } = await orch(['demo', '--repo', own, '--json'], { cwd }).ended
  assert.equal(code, 0, err)
  assert.deepEqual(state(), before)
  const said = report(out)
  assert.match(
    git(said.repo, 'show', '--stat', '--first-parent', '--format=', said.merge_commit),
    /orch-demo\/DEMO-1\.md/,
  )
  assert.equal(readFileSync(join(own, 'uncommitted.txt'), 'utf8'), 'mine')
  const log = readFileSync(join(said.repo, '../../orch.log'), 'utf8').trimEnd().split('\n')
  const told = log.map((line) => JSON.parse(line) as { msg: string; to?: string })
  assert.equal(told[0]?.msg, 'Orch has started')
  assert.ok(told.some(({ msg, to }) => msg === 'a task moved' && to === 'done'))
  assert.equal(told.at(-1)?.msg, 'Orch ends')
})

test('work that is in no commit is said to be left out, and Orch’s own files are nobody’s work', async (t) => {
  const cwd = folder(t)
  const { git: inCwd } = repository(cwd)
  writeFileSync(join(cwd, 'orch.config.yaml'), 'projects: [{id: a, repo: a, check: "true"}]')
  const note =
    /Note: .* has uncommitted changes, which are not part of what Orch works on; if they should be, commit them/
  const run = async (data: string) => {
    const demo = orch(['demo', '--repo', '.', '--data', data, '--wait-for-approval'], { cwd })
    await demo.until(/You create DEMO-1/)
    demo.child.kill('SIGINT')
    return (await demo.ended).out
  }
  assert.doesNotMatch(await run('.orch/one'), note)
  assert.equal(inCwd('status', '--porcelain'), '?? orch.config.yaml', 'the data folder is hidden from Git')
  writeFileSync(join(cwd, 'mine.txt'), 'mine')
  assert.match(await run('.orch/two'), note)
})

test('an interrupted demo ends cleanly and goes on with its task', async (t) => {
  const cwd = folder(t)
  const first = orch(['demo', '--wait-for-approval'], { cwd })
  await first.until(/waits for your approval/)
  first.child.kill('SIGINT')
  const { code, err } = await first.ended
  assert.equal(code, 1)
  assert.match(err, /Interrupted; DEMO-1 is kept and goes on with the next start\./)
  const second = await orch(['demo'], { cwd }).ended
  assert.equal(second.code, 0, second.err)
  assert.match(second.out, /Going on with DEMO-1, which is in analysis/)
  assert.match(second.out, /DEMO-1 is done\./)
})

test('what cannot be worked on is one sentence, and nothing is half made', async (t) => {
  const cwd = folder(t)
  mkdirSync(join(cwd, 'plain'))
  mkdirSync(join(cwd, 'unborn'))
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: join(cwd, 'unborn') })
  writeFileSync(join(cwd, 'file'), '')
  mkdirSync(join(cwd, 'full'))
  const { git: inFull } = repository(join(cwd, 'full'))
  inFull('commit', '--quiet', '--allow-empty', '--message=second')
  inFull('clone', '--quiet', '--depth=1', `file://${join(cwd, 'full')}`, '../shallow')
  mkdirSync(join(cwd, 'renamed'))
  repository(join(cwd, 'renamed')).git('branch', '--move', 'main', 'trunk')
  writeFileSync(join(cwd, 'renamed/orch.config.yaml'), 'projects: [{id: a, repo: a, check: "true", base: main}]')
  const cases: [string, RegExp][] = [
    ['missing', /^There is no folder .*missing; give --repo the path of a Git repository\.$/],
    ['file', /^.*file is a file; give --repo the folder of a Git repository\.$/],
    ['plain', /^.*plain is in no Git repository; give --repo the folder of one\.$/],
    ['unborn', /^The branch main of .*unborn has no commit yet; make a first one and try again\.$/],
    [
      'shallow',
      /^.*shallow holds only a part of its history; run `git fetch --unshallow` there, or give --repo another/,
    ],
    ['renamed', /^.*renamed has no branch main, which its orch\.config\.yaml names as base; make that branch, or/],
  ]
  for (const [repo, sentence] of cases) {
    const { code, err } = await orch(['demo', '--repo', repo], { cwd }).ended
    assert.equal(code, 1)
    assert.match(err.trim(), sentence)
  }
  assert.deepEqual(readdirSync(cwd).sort(), ['file', 'full', 'plain', 'renamed', 'shallow', 'unborn'])
})
