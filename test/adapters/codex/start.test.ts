/** What the CLI is started with, where it is found, and how its numbers are read. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { codexArgs } from '../../../src/adapters/codex/argv.ts'
import { configFile, tomlText } from '../../../src/adapters/codex/config-file.ts'
import { codexEnvironment } from '../../../src/adapters/codex/environment.ts'
import { findCodex, foldersOf } from '../../../src/adapters/codex/find.ts'
import { CODEX_NAMES, effortWord } from '../../../src/adapters/codex/names.ts'
import { questionIn } from '../../../src/adapters/codex/question.ts'
import { atLeast, ledgerUsage, sessionUsage, usageSince } from '../../../src/adapters/codex/usage.ts'

describe('names', () => {
  it('of models have a format', () => {
    for (const name of ['gpt-5.5', 'gpt-6.1-sol', 'o3', 'o4-mini', 'codex-mini-latest', 'gpt-5.1-codex:x'])
      assert.ok(CODEX_NAMES.isModel(name), name)
    for (const name of [
      '',
      'gpt-',
      'o',
      'o12',
      'claude-opus-5',
      'GPT-5',
      'gpt-5 --yolo',
      'gpt-5\n',
      '-m',
      `gpt-${'x'.repeat(200)}`,
    ])
      assert.ok(!CODEX_NAMES.isModel(name), name)
  })
  it('of efforts are those of the model’s generation', () => {
    assert.equal(effortWord('high', 'gpt-5'), 'high')
    assert.equal(effortWord('max', null), 'max')
    for (const model of ['gpt-5.6-sol', 'gpt-6-luna', 'gpt-6.1-sol', 'gpt-10'])
      assert.equal(effortWord('max', model), 'max', model)
    for (const model of ['gpt-5', 'gpt-5.5', 'gpt-5.1-codex', 'o3', 'codex-mini'])
      assert.equal(effortWord('max', model), 'xhigh', model)
  })
})

describe('the start', () => {
  it('has the same arguments for every task, and the session of one that goes on', () => {
    assert.deepEqual(codexArgs(null), ['exec', '--json', '--ignore-rules', '--skip-git-repo-check', '-'])
    assert.deepEqual(codexArgs('id'), [
      'exec',
      'resume',
      '--json',
      '--ignore-rules',
      '--skip-git-repo-check',
      'id',
      '-',
    ])
  })
  const places = { base: { PATH: '/bin', LANG: 'C' }, home: '/h', tmp: '/t', codexHome: '/h/.codex' }
  const own = { PATH: '/bin', LANG: 'C', HOME: '/h', TMPDIR: '/t', CODEX_HOME: '/h/.codex', TZ: 'UTC' }
  it('has exactly this environment', () => {
    assert.deepEqual(codexEnvironment({ ...places, access: null }), own)
    assert.deepEqual(codexEnvironment({ ...places, access: { token: 't', proxy: null } }), {
      ...own,
      ORCH_MODEL_TOKEN: 't',
    })
    assert.deepEqual(codexEnvironment({ ...places, access: { variable: 'CODEX_API_KEY', value: 'k' } }), {
      ...own,
      CODEX_API_KEY: 'k',
    })
    const none = '127.0.0.1,localhost,::1'
    assert.deepEqual(codexEnvironment({ ...places, access: { token: 't', proxy: 'http://p' } }), {
      ...own,
      ORCH_MODEL_TOKEN: 't',
      HTTP_PROXY: 'http://p',
      HTTPS_PROXY: 'http://p',
      http_proxy: 'http://p',
      https_proxy: 'http://p',
      NO_PROXY: none,
      no_proxy: none,
    })
  })
  const facts = {
    model: 'gpt-6.1-sol',
    effort: 'max',
    rules: 'R',
    url: 'http://127.0.0.1:7',
    isIsolated: true,
    mayReach: false,
    stallMs: 120_000,
  } as const
  it('has settings for our isolation or for its own', () => {
    const inside = configFile(facts)
    for (const line of [
      'model = "gpt-6.1-sol"',
      'model_reasoning_effort = "max"',
      'developer_instructions = "R"',
      'sandbox_mode = "danger-full-access"',
      'approval_policy = "never"',
      'unbounded_connection_retries = false',
      'hooks = false',
      'base_url = "http://127.0.0.1:7/v1"',
      'env_key = "ORCH_MODEL_TOKEN"',
      'stream_idle_timeout_ms = 60000',
    ])
      assert.ok(inside.split('\n').includes(line), line)
    assert.doesNotMatch(inside, /sandbox_workspace_write|trust/)
    const outside = configFile({ ...facts, isIsolated: false })
    assert.match(outside, /^sandbox_mode = "workspace-write"$/m)
    assert.match(outside, /^network_access = false$/m)
    assert.match(configFile({ ...facts, isIsolated: false, mayReach: true }), /^network_access = true$/m)
  })
  it('leaves out what nobody chose, and the door where there is none', () => {
    const text = configFile({ ...facts, model: null, effort: null, rules: '', url: null })
    assert.doesNotMatch(text, /^model|developer_instructions|model_provider|effort/m)
  })
  it('bounds how long a dead stream is waited for', () => {
    assert.match(configFile({ ...facts, stallMs: 10 }), /stream_idle_timeout_ms = 5000$/m)
    assert.match(configFile({ ...facts, stallMs: 1e9 }), /stream_idle_timeout_ms = 300000$/m)
  })
  it('writes any text as one line of TOML that means it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = tomlText(text)
        assert.ok(
          [...written].every((char) => char >= ' ' && char !== '\u007f'),
          written,
        )
        assert.equal(JSON.parse(written), text.toWellFormed())
      }),
    )
    assert.equal(tomlText('\ud800"\u007f'), '"\ufffd\\"\\u007F"')
  })
})

describe('usage', () => {
  it('is counted in classes that do not overlap', () => {
    assert.deepEqual(sessionUsage({ input: 100, cached: 60, cacheWrite: 10, output: 5 }), {
      input: 30,
      output: 5,
      cacheRead: 60,
      cacheCreation: 10,
    })
    assert.deepEqual(sessionUsage({ output: 5 }), { output: 5 })
    assert.deepEqual(sessionUsage({ input: 1, cached: 60 }), { input: 0, cacheRead: 60 })
  })
  it('of a session that goes on is what is new, and unknown where the old is', () => {
    assert.deepEqual(
      usageSince({ input: 30, output: 5, cacheRead: 60 }, { input: 50, output: 6, cacheRead: 60, cacheCreation: 1 }),
      { input: 20, output: 1, cacheRead: 0 },
    )
    assert.deepEqual(usageSince({}, { input: 50 }), {})
  })
  it('of the gateway is the sum over models; nothing where nothing was said', () => {
    const ledger = { requests: 1, lastStatus: 200, retryAfterMs: null, trouble: null }
    assert.deepEqual(ledgerUsage({ ...ledger, byModel: { a: { input: 1, output: 2 }, b: { input: 3 } } }), {
      input: 4,
      output: 2,
    })
    assert.deepEqual(ledgerUsage({ ...ledger, byModel: {} }), {})
  })
  it('never falls', () =>
    assert.deepEqual(atLeast({ input: 3, output: 1 }, { input: 2, cacheRead: 4 }), {
      input: 3,
      output: 1,
      cacheRead: 4,
    }))
})

describe('a question', () => {
  it('is the line that says so and all that follows', () => {
    assert.equal(questionIn('I looked.\nQUESTION: Red?\n\n- or blue?\n'), 'Red?\n\n- or blue?')
    assert.equal(questionIn('QUESTION:\nRed?'), 'Red?')
    for (const text of ['Done.', 'No QUESTION: here', 'QUESTION:  \n']) assert.equal(questionIn(text), null, text)
  })
})

describe('the program', () => {
  const inFolder = (story: (root: string, program: (path: string) => string) => void) => () => {
    const root = mkdtempSync(join(tmpdir(), 'orch-find-codex-'))
    const program = (path: string): string => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), '#!/bin/sh\n', { mode: 0o755 })
      return join(root, path)
    }
    try {
      story(root, program)
    } finally {
      rmSync(root, { recursive: true })
    }
  }
  const NATIVE = 'node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'

  it(
    'is found by its setting, then on PATH, then among the own dependencies',
    inFolder((root, program) => {
      const own = program(NATIVE)
      const onPath = program('bin/codex')
      const set = program('elsewhere/other')
      const path = `relative:${join(root, 'bin')}:${join(root, 'elsewhere')}`
      assert.deepEqual(findCodex(set, path, root), { path: set })
      assert.deepEqual(findCodex('other', path, root), { path: set })
      assert.deepEqual(findCodex('', path, root), { path: onPath })
      assert.deepEqual(findCodex('', '/nowhere', root), { path: own })
      assert.deepEqual(foldersOf(own), [dirname(dirname(own))])
      assert.deepEqual(foldersOf(set), [dirname(set)])
    }),
  )
  it(
    'is the real one behind the script of its package',
    inFolder((root, program) => {
      const own = program(NATIVE)
      const script = program('node_modules/@openai/codex/bin/codex.js')
      mkdirSync(join(root, 'bin'))
      symlinkSync(script, join(root, 'bin', 'codex'))
      assert.deepEqual(findCodex('', join(root, 'bin'), '/nowhere'), { path: own })
      rmSync(own)
      assert.deepEqual(findCodex('', join(root, 'bin'), '/nowhere'), { path: script })
    }),
  )
  it(
    'that is not there, or may not be run, is told with the next step',
    inFolder((root, program) => {
      const sentence = (setting: string, path = '/nowhere') => {
        const found = findCodex(setting, path, root)
        return 'path' in found ? found.path : found.sentence
      }
      assert.match(sentence(''), /neither in PATH nor in .*: install/)
      assert.match(sentence('other'), /neither in PATH/)
      assert.match(sentence(join(root, 'none')), /is not there: correct/)
      assert.match(sentence('some/where'), /absolute path/)
      const file = program('codex')
      chmodSync(file, 0o644)
      assert.match(sentence(file), /make it executable/)
      assert.match(sentence('', root), /make it executable/)
      assert.match(sentence(root), /cannot be executed/)
    }),
  )
})
