/** What a run is started with: command line, environment, rules, and where the CLI is found. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { claudeArgv, DENIED, TOOLS } from '../../../src/adapters/claude/argv.ts'
import { claudeEnvironment } from '../../../src/adapters/claude/environment.ts'
import { findClaude } from '../../../src/adapters/claude/find.ts'
import { houseRules, layHouseRules, readRepositoryNotes } from '../../../src/adapters/claude/house-rules.ts'
import { CLAUDE_NAMES } from '../../../src/adapters/claude/names.ts'
import { promptLine } from '../../../src/adapters/claude/run.ts'

const temporary = (t: TestContext): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-claude-start-')))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
const NOTHING = { model: null, effort: null, fallback: null }
const argv = (more: Partial<Parameters<typeof claudeArgv>[0]> = {}): readonly string[] =>
  claudeArgv({
    command: '/opt/claude',
    choice: NOTHING,
    conversation: { is: 'new', id: 'the-id' },
    rulesFile: null,
    ...more,
  })
const after = (args: readonly string[], flag: string): string | undefined => args[args.indexOf(flag) + 1]

describe('the command line', () => {
  it('talks in streams, honours nothing of the repository, and asks nobody for permission', () => {
    const args = argv()
    assert.deepEqual(args.slice(0, 2), ['/opt/claude', '-p'])
    assert.equal(after(args, '--input-format'), 'stream-json')
    assert.equal(after(args, '--output-format'), 'stream-json')
    assert.equal(after(args, '--setting-sources'), 'user')
    assert.equal(after(args, '--permission-mode'), 'dontAsk')
    assert.equal(after(args, '--permission-prompts'), 'none')
    for (const flag of ['--verbose', '--include-partial-messages', '--strict-mcp-config', '--disable-slash-commands'])
      assert.ok(args.includes(flag), flag)
  })

  it('allows tools for files and commands, and names those that it must not use', () => {
    const args = argv()
    assert.equal(after(args, '--tools'), 'Bash,Read,Edit,Write,Grep,Glob')
    assert.equal(after(args, '--allowedTools'), after(args, '--tools'))
    const denied = after(args, '--disallowedTools')?.split(',') ?? []
    for (const tool of ['Agent', 'Workflow', 'CronCreate', 'ScheduleWakeup', 'SendMessage', 'WebFetch', 'WebSearch'])
      assert.ok(denied.includes(tool), tool)
    assert.deepEqual(
      DENIED.filter((tool) => (TOOLS as readonly string[]).includes(tool)),
      [],
    )
  })

  it('names model, effort and fallback only where they were chosen', () => {
    for (const flag of ['--model', '--effort', '--fallback-model', '--append-system-prompt-file'])
      assert.equal(argv().includes(flag), false, flag)
    const args = argv({ choice: { model: 'claude-a', effort: 'max', fallback: 'claude-b' }, rulesFile: '/home/rules' })
    assert.equal(after(args, '--model'), 'claude-a')
    assert.equal(after(args, '--effort'), 'max')
    assert.equal(after(args, '--fallback-model'), 'claude-b')
    assert.equal(after(args, '--append-system-prompt-file'), '/home/rules')
  })

  it('begins a conversation under an id, or goes on with one', () => {
    assert.equal(after(argv(), '--session-id'), 'the-id')
    const resumed = argv({ conversation: { is: 'resumed', id: 'old-id' } })
    assert.equal(after(resumed, '--resume'), 'old-id')
    assert.equal(resumed.includes('--session-id'), false)
  })
})

describe('the environment', () => {
  const facts = { base: { PATH: '/bin', LANG: 'C' }, home: '/h', tmp: '/t' }
  const SWITCHES = [
    'CLAUDE_CODE_DISABLE_AUTO_MEMORY',
    'CLAUDE_CODE_DISABLE_BACKGROUND_TASKS',
    'CLAUDE_CODE_DISABLE_CLAUDE_MDS',
    'CLAUDE_CODE_DISABLE_FILE_MENTIONS',
    'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
    'CLAUDE_CODE_MAX_RETRIES',
    'CLAUDE_CODE_STARTUP_FAILURE_RESULTS',
    'CLAUDE_CODE_TMPDIR',
    'CLAUDE_ENABLE_BYTE_WATCHDOG',
    'DISABLE_AUTOUPDATER',
    'DISABLE_ERROR_REPORTING',
    'DISABLE_TELEMETRY',
    'HOME',
    'LANG',
    'PATH',
    'TMPDIR',
    'TZ',
  ]

  it('is exactly this with a door', () => {
    const access = { is: 'door', url: 'http://127.0.0.1:1', token: 'the-token', proxy: null } as const
    const env = claudeEnvironment({ ...facts, access })
    assert.deepEqual(Object.keys(env).toSorted(), ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', ...SWITCHES])
    assert.equal(env.ANTHROPIC_API_KEY, 'the-token')
    assert.equal(env.HOME, '/h')
    assert.equal(env.TMPDIR, '/t')
  })

  it('has the ways to other hosts only where there are any, and never for the door itself', () => {
    const access = { is: 'door', url: 'http://127.0.0.1:1', token: 'x', proxy: 'http://u:x@127.0.0.1:1' } as const
    const env = claudeEnvironment({ ...facts, access })
    const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
    const expected = ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', ...SWITCHES, ...names]
    assert.deepEqual(Object.keys(env).toSorted(), expected.toSorted())
    assert.match(env.NO_PROXY ?? '', /127\.0\.0\.1/)
  })

  it('is exactly this with a subscription', () => {
    const env = claudeEnvironment({ ...facts, access: { is: 'subscription', token: 'x' } })
    assert.deepEqual(Object.keys(env).toSorted(), ['CLAUDE_CODE_OAUTH_TOKEN', ...SWITCHES].toSorted())
  })
})

describe('what it is told', () => {
  it('is one line, and never a command of the CLI', () => {
    const contentOf = (text: string) =>
      (JSON.parse(promptLine(text)) as { message: { content: string } }).message.content
    assert.equal(contentOf('Do it.\nNow.'), 'Do it.\nNow.')
    assert.equal(promptLine('a\nb').trimEnd().includes('\n'), false)
    assert.equal(contentOf('/clear everything'), ' /clear everything')
  })
})

describe('the rules of a run', () => {
  it('are those of the house, and what the repository says of itself as data', (t) => {
    const dir = temporary(t)
    writeFileSync(join(dir, 'CLAUDE.md'), 'Use tabs.\n```\nnot an end\n```\n')
    const text = houseRules('Be kind.', readRepositoryNotes(dir)) ?? ''
    assert.ok(text.indexOf('Be kind.') < text.indexOf('Use tabs.'))
    assert.match(text, /````markdown\nUse tabs\.\n```\nnot an end\n```\n````/)
    const path = layHouseRules(dir, text)
    assert.equal(readFileSync(path!, 'utf8'), text)
  })

  it('may be one of both, or none', (t) => {
    const dir = temporary(t)
    assert.equal(readRepositoryNotes(dir), null)
    assert.equal(houseRules(' ', null), null)
    assert.equal(houseRules('', '\n'), null)
    assert.equal(layHouseRules(dir, null), null)
    assert.doesNotMatch(houseRules('Be kind.', null) ?? '', /repository/)
    assert.doesNotMatch(houseRules('', 'Use tabs.') ?? '', /Rules of the house/)
  })

  it('are bounded, and say so', (t) => {
    const dir = temporary(t)
    writeFileSync(join(dir, 'CLAUDE.md'), 'x'.repeat(200_000))
    const notes = readRepositoryNotes(dir) ?? ''
    assert.ok(notes.length < 70_000)
    assert.match(notes, /left out/)
  })

  it('follow a link within the repository, and none that leads out of it', (t) => {
    const dir = temporary(t)
    const checkout = join(dir, 'checkout')
    mkdirSync(join(checkout, '.git'), { recursive: true })
    writeFileSync(join(dir, 'secret'), 'the key')
    writeFileSync(join(checkout, 'AGENTS.md'), 'Use tabs.')
    writeFileSync(join(checkout, '.git', 'config'), 'private')
    const link = join(checkout, 'CLAUDE.md')
    for (const [target, expected] of [
      ['AGENTS.md', 'Use tabs.'],
      ['../secret', null],
      [join(dir, 'secret'), null],
      ['.git/config', null],
      ['.', null],
      ['nowhere', null],
    ] as const) {
      rmSync(link, { force: true })
      symlinkSync(target, link)
      assert.equal(readRepositoryNotes(checkout), expected, target)
    }
    rmSync(link)
    mkdirSync(link)
    assert.equal(readRepositoryNotes(checkout), null)
  })
})

describe('where the CLI is', () => {
  const program = (dir: string, mode = 0o755, name = 'claude'): string => {
    mkdirSync(dir, { recursive: true })
    const path = join(dir, name)
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, mode)
    return path
  }
  const sentence = (found: ReturnType<typeof findClaude>): string => ('sentence' in found ? found.sentence : '')

  it('is what the setting says, by path or by name', (t) => {
    const dir = temporary(t)
    const path = program(join(dir, 'a'))
    const other = program(join(dir, 'b'), 0o755, 'claude-next')
    assert.deepEqual(findClaude(path, '', dir), { path })
    assert.deepEqual(findClaude('claude-next', `${join(dir, 'a')}:${join(dir, 'b')}`, dir), { path: other })
    assert.match(sentence(findClaude(join(dir, 'nowhere'), join(dir, 'a'), dir)), /nowhere.*is not there/)
    assert.match(sentence(findClaude(program(join(dir, 'c'), 0o644), '', dir)), /cannot be executed/)
    assert.match(sentence(findClaude('./claude', '', dir)), /absolute path/)
  })

  it('is in the search path, else a dependency of the project', (t) => {
    const dir = temporary(t)
    const own = program(join(dir, 'node_modules', '.bin'))
    assert.deepEqual(findClaude('', '/nowhere', dir), { path: own })
    const path = program(join(dir, 'bin'))
    assert.deepEqual(findClaude('', `/nowhere:${join(dir, 'bin')}`, dir), { path })
  })

  it('is nowhere, or nobody may execute it, with a sentence', (t) => {
    const dir = temporary(t)
    assert.match(sentence(findClaude('', `.:relative:${dir}`, dir)), /neither in PATH nor in .*npm install/)
    const broken = program(join(dir, 'bin'), 0o644)
    assert.ok(sentence(findClaude('', join(dir, 'bin'), dir)).includes(`${broken} cannot be executed`))
    mkdirSync(join(dir, 'folder', 'claude'), { recursive: true })
    assert.match(sentence(findClaude('', join(dir, 'folder'), dir)), /was found neither/)
  })
})

describe('names', () => {
  it('of models are a format, not a list', () => {
    for (const name of ['claude-sonnet-4-5', 'claude-opus-5-5[1m]', 'claude-3-5-haiku@20241022', 'claude-x.1'])
      assert.ok(CLAUDE_NAMES.isModel(name), name)
    for (const name of [
      '',
      'claude-',
      'sonnet',
      '--model',
      'claude-Sonnet',
      'claude-a b',
      'gpt-5',
      'claude-a\n',
      'claude--x',
    ])
      assert.ok(!CLAUDE_NAMES.isModel(name), name)
  })
})
