import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UserError } from '../../../src/core/errors.ts'
import { parseConfig } from '../../../src/main/config/load.ts'
import { parse, problemsIn, small } from './support.ts'

describe('a good configuration', () => {
  test('needs little, and everything else has its default', () => {
    const { settings, warnings } = parse(small())
    assert.equal(settings.server.port, 4777)
    assert.equal(settings.sandbox, 'on')
    assert.equal(settings.stop_status.enabled, true)
    assert.equal(settings.projects[0]?.base, 'main')
    assert.deepEqual(warnings, [])
  })

  test('its paths start at its own folder, wherever Orch was started', () => {
    const paths = (text: string, env = {}) => {
      const { settings } = parse(text, env)
      return [settings.data_dir, settings.runs_dir, settings.projects[0]?.source]
    }
    assert.deepEqual(paths(`${small()}    source: ../code\n`), ['/srv/shop/.orch', '/srv/shop/.orch/runs', '/srv/code'])
    assert.deepEqual(paths(`data_dir: /var/orch\nruns_dir: logs\n${small()}    source: .\n`), [
      '/var/orch',
      '/srv/shop/logs',
      '/srv/shop',
    ])
    assert.deepEqual(paths(`data_dir: ~/orch\n${small()}`, { HOME: '/home/ada' })[0], '/home/ada/orch')
  })

  test('a section whose settings are all commented out is as good as none', () => {
    const { settings } = parse(small('server:\n  # port: 1\nsandbox:\nagent:\n  stall_seconds:\n'))
    assert.equal(settings.server.port, 4777)
    assert.equal(settings.sandbox, 'on')
    assert.equal(settings.agent.stall_seconds, 600)
  })

  test('on and off, yes and no are words in YAML 1.2, and quotes change nothing', () => {
    assert.equal(parse(small('sandbox: off')).settings.sandbox, 'off')
    assert.equal(parse(small('sandbox: "off"')).settings.sandbox, 'off')
    assert.match(
      problemsIn(`${small()}    on_hold: release`)[0] ?? '',
      /^orch\.config\.yaml:7: projects\[0\]\.on_hold cannot be "release": .*"release" is not there yet/,
    )
    assert.match(problemsIn(small('stop_status: {enabled: no}'))[0] ?? '', /must be true or false, not "no"/)
  })

  test('may repeat itself by anchors', () => {
    const text = `projects:\n  - &one\n    id: a\n    repo: a\n    check: &check make test\n    people: [ada]\n  - id: b\n    repo: b\n    key_prefix: B\n    check: *check\n    people: [ada]\n`
    assert.equal(parse(text).settings.projects[1]?.check, 'make test')
  })
})

describe('a bad configuration', () => {
  test('is told whole, in the order of its lines, with the file and the next step first', () => {
    const text = [
      'aproval: auto',
      'server:',
      '  port: many',
      '  hosst: ::1',
      'projects:',
      '  - id: Shop One',
      '    repo: shop',
      '    aproval: auto',
      '  - id: two',
      '    repo: two',
      '    check: ""',
      '    approval: maybe',
      '    check_timeout_seconds: 1.5',
      'max_concurrency: 0',
    ].join('\n')
    assert.throws(
      () => parse(text),
      (error: UserError) => {
        assert.ok(error instanceof UserError)
        assert.deepEqual(error.message.split('\n'), [
          '/srv/shop/orch.config.yaml cannot be used because of 10 problems; correct what follows, then try `orch config check`.',
          'orch.config.yaml:1: unknown key "aproval"; did you mean "approval" of an entry of projects?',
          'orch.config.yaml:3: server.port must be a whole number from 0 to 65535, not "many"',
          'orch.config.yaml:4: unknown key "hosst" in server; did you mean "host"?',
          'orch.config.yaml:6: projects[0].id cannot be "Shop One": use lower-case letters, digits and dashes, at most 50',
          "orch.config.yaml:6: projects[0].check is missing (The repository's own check command, run by `sh -c` on a clean checkout of the exact commit)",
          'orch.config.yaml:8: unknown key "aproval" in projects[0]; did you mean "approval"?',
          'orch.config.yaml:11: projects[1].check must not be empty',
          'orch.config.yaml:12: projects[1].approval must be "person" or "auto", not "maybe"',
          'orch.config.yaml:13: projects[1].check_timeout_seconds must be a whole number from 1 to 86400, not 1.5',
          'orch.config.yaml:14: max_concurrency must be a whole number from 1 to 100, not 0',
        ])
        return true
      },
    )
  })

  test('one problem is one sentence with its place', () => {
    const told = (text: string, env = {}) => {
      try {
        parse(text, env)
      } catch (thrown) {
        return (thrown as Error).message
      }
      return 'it is good'
    }
    assert.equal(
      told(small('max_concurrency: 0')),
      '/srv/shop/orch.config.yaml:1 cannot be used: max_concurrency must be a whole number from 1 to 100, not 0.',
    )
    assert.equal(
      told(small(), { ORCH_SERVER_PORT: 'abc' }),
      'ORCH_SERVER_PORT cannot be used: it must be a whole number from 0 to 65535, not "abc".',
    )
    assert.match(told(''), /^\/srv\/shop\/orch\.config\.yaml cannot be used: it is empty; `orch init --force` writes/)
  })

  const cases: readonly [string, string, RegExp][] = [
    ['a tab', 'server:\n\tport: 1\n', /:2: a tab stands where YAML wants spaces/],
    ['a key twice', small('sandbox: on\nsandbox: off'), /:2: this key is there twice/],
    ['two documents', `${small()}---\n${small()}`, /:7: a second document begins here/],
    ['a brace left open', 'server: {port: 1\n', /:\d+: the indentation .* or a bracket is not closed/],
    ['an alias of nothing', small('data_dir: *here'), /:1: this \*name refers to nothing above/],
    ['a tag', small('data_dir: !secret x'), /:1: this !tag has no meaning here/],
    ['a list as a whole', '- id: shop\n', /must begin with settings such as "projects:"/],
    ['a sentence as a whole', 'hello\n', /must begin with settings/],
    ['a number for a section', small('server: 3'), /:1: server must be a section with host, port, not 3/],
    ['a list for a section', small('server: [3]'), /:1: server must be a section with host, port, not a list/],
    ['text for a list', small('serial_gate: {repos: shop}'), /serial_gate.repos must be a list of texts, not "shop"/],
    ['a section for text', small('data_dir: {a: 1}'), /data_dir must be text, not a section/],
    [
      'a name that is none',
      small('concurrency: {per_project: {A B: 1}}'),
      /"A B" cannot be a name in concurrency.per_/,
    ],
    ['a role that is none', small('concurrency: {per_role: {tester: 1, devloper: 1}}'), /"devloper".*mean "developer"/],
    [
      'a role without place',
      small('concurrency: {per_role: {tester: 0}}'),
      /per_role.tester must be .* at least 1, not 0/,
    ],
    ['an unknown key without a value', small('servr:'), /:1: unknown key "servr"; did you mean "server"/],
    ['a name of every object', small('__proto__: {port: 1}\nconstructor: 1'), /unknown key "__proto__"/],
    [
      'a key of the outer level',
      small('server: {sandbox: off}'),
      /"sandbox" in server; did you mean "sandbox" of the whole/,
    ],
    [
      'an option of a branch',
      `${small()}    base: --upload-pack=x\n`,
      /base cannot be "--upload-pack=x": use the name of a/,
    ],
    ['a branch of our own', `${small()}    base: orch/SHOP-1\n`, /not below orch\//],
    ['a merge key', 'a: &a {port: 1}\nserver:\n  <<: *a\n', /:3: unknown key "<<" in server/],
  ]
  for (const [name, text, expected] of cases) {
    test(`${name} is told with its place`, () => assert.match(problemsIn(text).join('\n'), expected))
  }

  test('nothing, comments alone and an empty section are all empty', () => {
    for (const text of ['', '# only a comment\n', '---\n', '~'])
      assert.match(problemsIn(text).join('\n'), /it is empty; `orch init --force` writes one/)
  })

  test('branches may have folders, dots and letters of any language', () => {
    for (const base of ['release/1.x', 'größe', 'a-b_c'])
      assert.equal(parse(`${small()}    base: ${base}\n`).settings.projects[0]?.base, base)
    for (const base of ['a..b', 'a/', '/a', '.a', 'a.lock', '"a b"', 'a@{1}', '"a\\u0001"'])
      assert.match(problemsIn(`${small()}    base: ${base}\n`).join('\n'), /projects\[0\].base cannot be/)
  })

  test('a secret in the wrong place is not repeated', () => {
    const text = problemsIn(small('database: {url: "mysql://ada:s3cret@db/x"}')).join('\n')
    assert.match(text, /database.url is wrong: it begins with postgres:/)
    assert.doesNotMatch(text, /s3cret/)
  })
})

describe('text that means harm', () => {
  test('aliases of aliases end in a sentence, not in all memory', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`)
    const found = problemsIn(['l0: &l0 x', ...levels].join('\n')).join('\n')
    assert.match(found, /holds more than 20000 values/)
  })

  test('a list that holds itself ends in a sentence', () => {
    assert.match(problemsIn('a: &a [*a]\n').join('\n'), /nested deeper than 20 levels/)
  })

  test('a hundred thousand brackets end in a sentence', () => {
    assert.match(problemsIn('['.repeat(100_000)).join('\n'), /nested deeper than 20 levels/)
  })

  test('control characters do not reach the message', () => {
    const text = problemsIn(small('"evil\\u001b[31mkey": 1\nsandbox: "x\\u0007y"')).join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/)
  })
})

describe('settings that do not fit together', () => {
  const two = (second: string) =>
    `${small()}  - id: two\n    repo: two\n    key_prefix: TWO\n    check: x\n    people: [ada]\n${second}`

  test('projects share neither id, repository nor key prefix', () => {
    const text = `${small()}  - id: shop\n    repo: shop\n    check: x\n    people: [ada]\n`
    assert.deepEqual(problemsIn(text), [
      'orch.config.yaml:7: the project id "shop" is there twice; ids are unique (the first is in line 3)',
      'orch.config.yaml:7: the key_prefix "TASK" already belongs to another project; give this one its own (the first is in line 3)',
      'orch.config.yaml:8: the repository "shop" already belongs to another project; one repository belongs to one project (the first is in line 4)',
    ])
    assert.equal(parse(two('')).settings.projects.length, 2)
  })

  test('what works but is hardly meant is a warning with its line', () => {
    const warnings = parse(
      `serial_gate:\n  repos: [shop, shup]\nconcurrency:\n  per_project:\n    tow: 1\n${two('')}`.replace(
        'people: [ada]',
        '',
      ),
    ).warnings
    assert.deepEqual(warnings, [
      'orch.config.yaml:8: project "shop" lists no people, so nobody can approve by comment; add them under people, or set approval: auto.',
      'orch.config.yaml:2: serial_gate.repos names "shup", which is the repository of no project.',
      'orch.config.yaml:5: concurrency.per_project names "tow", which is no project.',
    ])
    assert.deepEqual(parse(small().replace('people: [ada]', 'approval: auto')).warnings, [])
    assert.match(parse('projects: []').warnings.join(), /there is no project/)
  })
})

test('a relative path of the file itself is taken from where Orch was started', () => {
  assert.equal(parseConfig(small(), { path: 'orch.config.yaml', env: {} }).path, `${process.cwd()}/orch.config.yaml`)
})
