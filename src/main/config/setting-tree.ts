/** The settings as plain data, taken from their schema, so that messages, variables and files all say the same. */
import { z } from 'zod'
import { settings } from './settings.ts'

/** A part of a JSON Schema (https://json-schema.org/draft/2020-12), as far as our settings use it. */
export interface SettingNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  /** A secret: its value is never shown. */
  readonly writeOnly?: boolean
  readonly properties?: Readonly<Record<string, SettingNode>>
  readonly required?: readonly string[]
  readonly items?: SettingNode
  readonly propertyNames?: SettingNode
  readonly additionalProperties?: SettingNode | false
}

export type SettingPath = readonly (string | number)[]

export const settingTree = (): SettingNode => z.toJSONSchema(settings, { io: 'input' }) as SettingNode

/** The node at `path`, or undefined where no setting has that place. */
export function nodeAt(tree: SettingNode, path: SettingPath): SettingNode | undefined {
  let node: SettingNode | undefined = tree
  for (const step of path) {
    if (node === undefined) return undefined
    if (typeof step === 'number') node = node.items
    else node = ownOf(node.properties, step) ?? (node.additionalProperties || undefined)
  }
  return node
}

const ownOf = (nodes: SettingNode['properties'], name: string): SettingNode | undefined =>
  nodes !== undefined && Object.hasOwn(nodes, name) ? nodes[name] : undefined

/** The value at `path`, or undefined where something else stands in between. */
export const valueAt = (value: unknown, path: SettingPath): unknown =>
  path.reduce<unknown>((at, step) => (at as Record<string, unknown> | null | undefined)?.[step], value)

/** A section has settings of fixed names; a map has names of people's choice. */
export const isSection = (node: SettingNode): boolean => node.properties !== undefined
export const isMap = (node: SettingNode): boolean => node.type === 'object' && !isSection(node)

/** `projects[0].check`. */
export const pathText = (path: SettingPath): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')

/** What a value must be, to stand after "must be". */
export function describeNeed(node: SettingNode): string {
  if (node.enum) return node.enum.map((one) => `"${one}"`).join(' or ')
  switch (node.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${rangeOf(node)}`
    case 'number':
      return `a number${rangeOf(node)}`
    case 'array':
      return `a list of ${node.items && isSection(node.items) ? 'sections' : 'texts'}`
    case 'object':
      return isSection(node)
        ? `a section with ${Object.keys(node.properties ?? {}).join(', ')}`
        : `a section of names with ${node.additionalProperties ? describeNeed(node.additionalProperties) : 'values'} each`
    default:
      return node.maxLength === undefined ? 'text' : `text of at most ${node.maxLength} characters`
  }
}

function rangeOf({ minimum, maximum }: SettingNode): string {
  const isOpen = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
  if (minimum === undefined) return isOpen ? '' : ` of at most ${maximum}`
  return isOpen ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`
}
