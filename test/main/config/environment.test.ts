import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { variablesOf } from '../../../src/main/config/environment.ts'
import { settingTree } from '../../../src/main/config/setting-tree.ts'
import { parse, problemsIn, small } from './support.ts'

describe('a variable of the environment', () => {
  test('sets what it is named after, above the file', () => {
    const { settings, warnings } = parse(small('max_concurrency: 2\nsandbox: on'), {
      ORCH_MAX_CONCURRENCY: '7',
      ORCH_RUNS_DIR: 'logs',
      ORCH_SERVER_PORT: '0',
      ORCH_SANDBOX: 'off',
      ORCH_SERIAL_GATE_ENABLED: 'no',
      ORCH_SERIAL_GATE_REPOS: ' shop, ,other ',
      ORCH_SERIAL_GATE_FREEZE_ENABLED: 'OFF',
      ORCH_STOP_STATUS_ENABLED: '0',
      ORCH_AGENT_TIMEOUT_SECONDS: '60',
      ORCH_AGENT_KILL_GRACE_SECONDS: '3',
      ORCH_CONCURRENCY_PER_PROJECT: 'shop=2',
      ORCH_CONCURRENCY_PER_ROLE: 'tester=1,developer=2',
      ORCH_CONCURRENCY_PER_ROLE_DEVELOPER: '3',
      ORCH_DATABASE_URL: 'postgres://db/orch',
    })
    assert.equal(settings.max_concurrency, 7)
    assert.equal(settings.runs_dir, '/srv/shop/logs')
    assert.equal(settings.server.port, 0)
    assert.equal(settings.sandbox, 'off')
    assert.deepEqual(settings.serial_gate, { enabled: false, repos: ['shop', 'other'], freeze_enabled: false })
    assert.equal(settings.stop_status.enabled, false)
    assert.equal(settings.agent.timeout_seconds, 60)
    assert.equal(settings.agent.kill_grace_seconds, 3)
    assert.deepEqual(settings.concurrency, { per_project: { shop: 2 }, per_role: { tester: 1, developer: 3 } })
    assert.equal(settings.database.url, 'postgres://db/orch')
    assert.deepEqual(warnings, [
      'ORCH_SERIAL_GATE_REPOS: serial_gate.repos names "other", which is the repository of no project.',
    ])
  })

  test('every setting has one, and every guard its promised name', () => {
    const names = [...variablesOf(settingTree(), {}).keys()]
    for (const name of [
      'ORCH_STOP_STATUS_ENABLED',
      'ORCH_SERIAL_GATE_ENABLED',
      'ORCH_SERIAL_GATE_REPOS',
      'ORCH_SERIAL_GATE_FREEZE_ENABLED',
      'ORCH_RUNS_DIR',
      'ORCH_AGENT_TIMEOUT_SECONDS',
      'ORCH_AGENT_KILL_GRACE_SECONDS',
      'ORCH_MAX_CONCURRENCY',
    ])
      assert.ok(names.includes(name), name)
    assert.equal(new Set(names).size, names.length)
  })

  test('of a project goes by its id', () => {
    const text = small().replace('id: shop', 'id: my-shop')
    const { settings } = parse(text, {
      ORCH_PROJECTS_MY_SHOP_CHECK: 'make ci',
      ORCH_PROJECTS_MY_SHOP_PEOPLE: 'eve,bob',
    })
    assert.equal(settings.projects[0]?.check, 'make ci')
    assert.deepEqual(settings.projects[0]?.people, ['eve', 'bob'])
    const unset = parse(small().replace('    check: make test\n', ''), { ORCH_PROJECTS_SHOP_CHECK: 'make ci' })
    assert.equal(unset.settings.projects[0]?.check, 'make ci')
  })

  test('that is empty counts as unset', () => {
    const env = { ORCH_SERVER_PORT: '', ORCH_STOP_STATUS_ENABLED: '', ORCH_SERIAL_GATE_REPOS: '', ORCH_SERVR_PORT: '' }
    const { settings, warnings } = parse(small('server: {port: 5000}'), env)
    assert.equal(settings.server.port, 5000)
    assert.equal(settings.stop_status.enabled, true)
    assert.deepEqual(warnings, [])
  })

  test('heals what is wrong in the file, and a section that is not there', () => {
    assert.equal(parse(small('server: {port: many}'), { ORCH_SERVER_PORT: '1' }).settings.server.port, 1)
    assert.equal(parse(small('server:\n'), { ORCH_SERVER_PORT: '1' }).settings.server.port, 1)
    assert.match(problemsIn(small('server: 3'), { ORCH_SERVER_PORT: '1' }).join(), /:1: server must be a section/)
  })

  test('with a bad value is named, once, with what is allowed', () => {
    const env = {
      ORCH_SERVER_PORT: '4.5.6',
      ORCH_MAX_CONCURRENCY: '1000',
      ORCH_STOP_STATUS_ENABLED: 'perhaps',
      ORCH_SANDBOX: 'maybe',
      ORCH_CONCURRENCY_PER_PROJECT: 'shop',
      ORCH_SERIAL_GATE_REPOS: 'shop,No Repo',
      ORCH_DATABASE_URL: 'mysql://ada:s3cret@db',
    }
    const found = [...problemsIn(small('server: {port: bad}'), env)].sort()
    assert.deepEqual(found, [
      'ORCH_CONCURRENCY_PER_PROJECT: it must be name=value, separated by commas, not "shop"',
      'ORCH_DATABASE_URL: database.url is wrong: it begins with postgres://',
      'ORCH_MAX_CONCURRENCY: max_concurrency must be a whole number from 1 to 100, not 1000',
      'ORCH_SANDBOX: sandbox must be "on" or "off", not "maybe"',
      'ORCH_SERIAL_GATE_REPOS: serial_gate.repos[1] cannot be "No Repo": use lower-case letters, digits, dots, dashes and underscores, at most 100',
      'ORCH_SERVER_PORT: it must be a whole number from 0 to 65535, not "4.5.6"',
      'ORCH_STOP_STATUS_ENABLED: it must be true or false, not "perhaps"',
    ])
  })

  test('of Orch that means nothing is a warning with the nearest name, others are nobody’s business', () => {
    const { warnings } = parse(small(), {
      ORCH_MAX_CONCURENCY: '3',
      ORCH_SOMETHING_ELSE_ENTIRELY_NEW: '1',
      ORCH_TOKEN: 'x',
      ORCH_SERVER: 'http://localhost:1',
      ORCH_TEST_DATABASE_URL: 'x',
      PATH: '/bin',
    })
    assert.deepEqual(warnings, [
      'ORCH_MAX_CONCURENCY is no setting of Orch and changes nothing; did you mean ORCH_MAX_CONCURRENCY?',
      'ORCH_SOMETHING_ELSE_ENTIRELY_NEW is no setting of Orch and changes nothing.',
    ])
  })

  test('DATABASE_URL is the database, unless ORCH_DATABASE_URL is set', () => {
    const [a, b] = ['postgres://a/x', 'postgres://b/x']
    assert.equal(parse(small(), { DATABASE_URL: a }).settings.database.url, a)
    assert.equal(parse(small(), { DATABASE_URL: a, ORCH_DATABASE_URL: b }).settings.database.url, b)
    const both = parse(small(`database: {url: "${b}"}`), { DATABASE_URL: a })
    assert.equal(both.settings.database.url, a)
    assert.match(both.warnings.join(), /DATABASE_URL of the environment is used instead of database.url of the file/)
    assert.deepEqual(parse(small('database: {url: $DATABASE_URL}'), { DATABASE_URL: a }).warnings, [])
  })
})

describe('$NAME as a value', () => {
  test('is taken from the environment, in the shape its place wants', () => {
    const text = small('server: {port: $PORT}\nstop_status: {enabled: $STOP}\nserial_gate: {repos: $REPOS}').replace(
      '[ada]',
      '[$FIRST, bob]',
    )
    const { settings } = parse(text, { PORT: '8080', STOP: 'false', REPOS: 'shop', FIRST: 'ada' })
    assert.equal(settings.server.port, 8080)
    assert.equal(settings.stop_status.enabled, false)
    assert.deepEqual(settings.serial_gate.repos, ['shop'])
    assert.deepEqual(settings.projects[0]?.people, ['ada', 'bob'])
  })

  test('means a variable only as the whole value; $$NAME is that very text', () => {
    const check = (text: string) => parse(small().replace('make test', () => text)).settings.projects[0]?.check
    assert.equal(check('echo $HOME'), 'echo $HOME')
    assert.equal(check('$HOME/run'), '$HOME/run')
    assert.equal(check('$$HOME'), '$HOME')
    assert.equal(check('$$$HOME'), '$$HOME')
    assert.equal(check('$$ is the pid'), '$$ is the pid')
  })

  test('is looked for in the file alone: a variable’s own value is taken as it is', () => {
    const { settings } = parse(small(), { ORCH_PROJECTS_SHOP_CHECK: '$HOME', ORCH_PROJECTS_SHOP_TITLE: '$$HOME' })
    assert.equal(settings.projects[0]?.check, '$HOME')
    assert.equal(settings.projects[0]?.title, '$$HOME')
  })

  test('that is missing or empty is told once, with its line', () => {
    const text = small('data_dir: $WHERE\nserver: {port: $PORT}')
    assert.deepEqual(problemsIn(text, { PORT: '' }), [
      'orch.config.yaml:1: $WHERE is not set; export WHERE, or write $$WHERE if that very text is meant',
      'orch.config.yaml:2: $PORT is not set; export PORT, or write $$PORT if that very text is meant',
    ])
    assert.equal(parse(text, { ORCH_DATA_DIR: '/x', ORCH_SERVER_PORT: '1' }).settings.data_dir, '/x')
  })

  test('with a bad value is named with its line and without its value, which may be a secret', () => {
    const text = small('server: {port: $PORT}\nsandbox: $BOX\ndatabase: {url: $DB}\nmax_concurrency: $MAX')
    assert.deepEqual(problemsIn(text, { PORT: 's3cret', BOX: 's3cret', DB: 's3cret', MAX: '0' }), [
      'orch.config.yaml:1: $PORT must be a whole number from 0 to 65535 here',
      'orch.config.yaml:2: sandbox (from $BOX) must be "on" or "off"',
      'orch.config.yaml:3: database.url (from $DB) is wrong: it begins with postgres://',
      'orch.config.yaml:4: max_concurrency (from $MAX) must be a whole number from 1 to 100',
    ])
  })
})
