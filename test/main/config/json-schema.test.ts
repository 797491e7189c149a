import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configJsonSchema } from '../../../src/main/config/json-schema.ts'
import { type SettingNode, settingTree } from '../../../src/main/config/setting-tree.ts'

test('the JSON Schema that is shipped says what the settings are now', () => {
  const shipped = readFileSync(new URL('../../../schema/orch.config.schema.json', import.meta.url), 'utf8')
  assert.equal(shipped, configJsonSchema(), 'write it anew: orch config schema > schema/orch.config.schema.json')
})

test('the JSON Schema lets $NAME stand for a number, a word and a list, and knows no further keys', () => {
  const schema = JSON.parse(configJsonSchema())
  assert.equal(schema.additionalProperties, false)
  assert.equal(schema.properties.projects.items.additionalProperties, false)
  for (const node of [
    schema.properties.server.properties.port,
    schema.properties.sandbox,
    schema.properties.serial_gate.properties.repos,
    schema.properties.stop_status.properties.enabled,
  ])
    assert.ok(new RegExp(node.anyOf[1].pattern).test('$NAME'))
  assert.equal(schema.properties.concurrency.properties.per_role.propertyNames.anyOf, undefined)
})

test('every setting and every section has a sentence', () => {
  const visit = (node: SettingNode, path: string): void => {
    assert.match(node.description ?? '', /\.$/, `${path} has no sentence`)
    for (const [name, child] of Object.entries(node.properties ?? node.items?.properties ?? {}))
      visit(child, `${path}.${name}`)
  }
  for (const [name, node] of Object.entries(settingTree().properties ?? {})) visit(node, name)
})
