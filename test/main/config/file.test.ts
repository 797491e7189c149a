import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { UserError } from '../../../src/core/errors.ts'
import { loadConfig } from '../../../src/main/config/load.ts'
import { dataDirOf, findConfig } from '../../../src/main/config/locate.ts'
import { nearest } from '../../../src/main/config/nearest.ts'
import { folderWith, small } from './support.ts'

/** One sentence on one line: no stack, no second thought. */
const refusal = (path: string): string => {
  try {
    loadConfig({ path, env: {} })
  } catch (thrown) {
    assert.ok(thrown instanceof UserError, String(thrown))
    assert.doesNotMatch(thrown.message, /\n/)
    return thrown.message
  }
  throw new Error(`${path} was read`)
}

describe('a configuration file', () => {
  test('is read, with or without a byte order mark', (t) => {
    const folder = folderWith(t, { 'orch.config.yaml': small(), 'marked.yaml': `\uFEFF${small()}` })
    for (const name of ['orch.config.yaml', 'marked.yaml'])
      assert.equal(loadConfig({ path: join(folder, name), env: {} }).settings.data_dir, join(folder, '.orch'))
  })

  test('that is not there, or is something else, is named in one sentence', (t) => {
    const folder = folderWith(t, { 'file.yaml': small() })
    mkdirSync(join(folder, 'folder'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    assert.match(refusal(join(folder, 'none.yaml')), /no configuration .*none\.yaml; write one with `orch init`/)
    assert.match(refusal(join(folder, 'folder')), /is a folder; name the file in it/)
    assert.match(refusal(join(folder, 'file.yaml', 'x')), /lies below a file/)
    assert.match(refusal(join(folder, 'pipe')), /is not a file/)
  })

  test('that is no text, or far too much of it, is named in one sentence', (t) => {
    const folder = folderWith(t)
    const bytes = (name: string, content: Uint8Array | string) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    assert.match(refusal(bytes('latin1', Uint8Array.of(0x61, 0xe4, 0x3a))), /is not text in UTF-8/)
    assert.match(refusal(bytes('utf16', Buffer.from(small(), 'utf16le'))), /is not text in UTF-8/)
    assert.match(refusal(bytes('large', `${small()}#${'x'.repeat(1024 * 1024)}`)), /is larger than 1 MiB/)
    const whole = small()
    assert.ok(loadConfig({ path: bytes('full', whole + '#'.repeat(1024 * 1024 - whole.length)), env: {} }))
  })
})

describe('finding Orch from where a person stands', () => {
  test('the nearest configuration upwards counts', (t) => {
    const folder = folderWith(t, {
      'orch.config.yaml': small(),
      'a/orch.config.yaml': small(),
      'a/b/c/x': '',
      'd/x': '',
    })
    assert.equal(findConfig(join(folder, 'a/b/c')), join(folder, 'a/orch.config.yaml'))
    assert.equal(findConfig(join(folder, 'd')), join(folder, 'orch.config.yaml'))
    assert.equal(findConfig('/'), null)
  })

  test('its data folder is found though the rest of it be wrong', (t) => {
    const folder = folderWith(t, {
      'a.yaml': 'data_dir: here\naproval: 1\n',
      'b.yaml': 'data_dir: $WHERE\n',
      'c.yaml': '\t nonsense',
      'd.yaml': '',
    })
    const at = (name: string, env = {}) => dataDirOf(join(folder, name), env)
    assert.equal(at('a.yaml'), join(folder, 'here'))
    assert.equal(at('a.yaml', { ORCH_DATA_DIR: 'there' }), join(folder, 'there'))
    assert.equal(at('b.yaml', { WHERE: '/srv/x' }), '/srv/x')
    assert.equal(at('b.yaml'), join(folder, '.orch'))
    assert.equal(at('c.yaml'), join(folder, '.orch'))
    assert.equal(at('d.yaml'), join(folder, '.orch'))
  })
})

test('the nearest name is found by few edits, and none when all are far', () => {
  const names = ['approval', 'people', 'on_hold', 'base']
  for (const [meant, typed] of [
    ['approval', 'aproval'],
    ['approval', 'APPROVAL'],
    ['approval', 'apporval'],
    ['people', 'poeple'],
    ['on_hold', 'onhold'],
    ['base', 'bas'],
  ] as const)
    assert.equal(nearest(typed, names), meant, typed)
  for (const far of ['x', 'zzzzzz', 'colour', 'a'.repeat(5000)]) assert.equal(nearest(far, names), null, far)
})
