/** From YAML text to plain values, each with the line it stands in. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { createOrigins, type Origins, type Problem } from './problems.ts'
import type { SettingPath } from './setting-tree.ts'

export interface YamlTree {
  /** null-prototype objects, arrays, strings, numbers, booleans and null; undefined where the text holds nothing. */
  readonly value: unknown
  readonly origins: Origins
  /** With anything else than a key that is there twice, the value is not to be relied on. */
  readonly problems: readonly Problem[]
  readonly usable: boolean
}

const DEPTH_MAX = 20
/** Far above any real file; a few aliases of aliases would go far beyond it. */
const VALUES_MAX = 20_000

/** Reads YAML 1.2 (core schema, https://yaml.org/spec/1.2.2/#103-core-schema). Never throws. */
export function readYaml(text: string): YamlTree {
  const lines = new LineCounter()
  const origins = createOrigins()
  const document = parseDocument(text, {
    version: '1.2',
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
    // Anything quieter also hides errors.
    logLevel: 'error',
  })
  const found = [...document.errors, ...document.warnings]
  const problems: Problem[] = found.slice(0, PROBLEMS_MAX).map(({ code, message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    text: SENTENCES[code] ?? `this is not YAML (${message.replace(/\s+/g, ' ').slice(0, 200)})`,
  }))
  const usable = found.every(({ code }) => code === 'DUPLICATE_KEY')
  if (!usable) return { value: undefined, origins, problems, usable }
  const before = problems.length
  const value = valuesOf(document, (offset) => lines.linePos(offset).line, origins, problems)
  return { value, origins, problems, usable: problems.length === before }
}

/** One mistake often makes the rest of the text a mistake too. */
const PROBLEMS_MAX = 20
const TOO_DEEP = `it is nested deeper than ${DEPTH_MAX} levels`

const SENTENCES: Readonly<Record<string, string>> = {
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab stands where YAML wants spaces; indent with spaces',
  DUPLICATE_KEY: 'this key is there twice in the same section; keep one',
  MULTIPLE_DOCS: 'a second document begins here; keep one, without lines of ---',
  BAD_INDENT: 'the indentation fits no section above, or a bracket is not closed',
  TAG_RESOLVE_FAILED: 'this !tag has no meaning here; put quotes around text that begins with !',
}

function valuesOf(
  document: Document.Parsed,
  lineAt: (offset: number) => number,
  origins: Origins,
  problems: Problem[],
): unknown {
  let count = 0
  const lineOf = (node: unknown, fallback: number): number => {
    const range = (node as { range?: [number, number, number] | null } | null)?.range
    return range ? lineAt(range[0]) : fallback
  }
  const read = (node: unknown, path: SettingPath, around: number): unknown => {
    const line = lineOf(node, around)
    origins.set(path, { line })
    if (path.length > DEPTH_MAX || ++count > VALUES_MAX) {
      const text = path.length > DEPTH_MAX ? TOO_DEEP : `it holds more than ${VALUES_MAX} values`
      if (!problems.some((known) => known.text === text)) problems.push({ line, text })
      return undefined
    }
    if (isAlias(node)) {
      const named = node.resolve(document)
      if (named) return read(named, path, line)
      problems.push({ line, text: 'this *name refers to nothing above; put quotes around text that begins with *' })
      return undefined
    }
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item, index) => read(item, [...path, index], line))
    if (!isMap(node)) return null
    const values: Record<string, unknown> = Object.create(null)
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key)
      const keyLine = lineOf(key, line)
      origins.setKey([...path, name], keyLine)
      values[name] = read(value, [...path, name], keyLine)
    }
    return values
  }
  return read(document.contents, [], 1) ?? undefined
}
