/**
 * Imports point one way, the core is pure, modules keep no state, files are read in one go. Read as text, so that it
 * needs nothing but the files; the last part plants violations and sees each of them caught.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

interface SourceFile {
  /** Path from the repository's root, with `/`. */
  readonly path: string
  readonly text: string
}
interface Import {
  readonly from: string
  readonly isType: boolean
}

const LONGEST = 300
/** Files that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {}

/** What each part may import from `src/`, besides its own folder, and which packages. */
const PARTS: readonly {
  readonly part: string
  readonly values: RegExp
  readonly types: RegExp
  readonly packages: RegExp
}[] = [
  { part: 'src/core/', values: /^src\/core\//, types: /^src\/core\//, packages: /^$/ },
  { part: 'src/engine/', values: /^src\/(core|engine)\//, types: /^src\/(core|engine)\//, packages: /^(node:|yaml$)/ },
  {
    part: 'src/adapters/',
    values: /^src\/(core|engine\/ports)\//,
    types: /^src\/(core|engine\/ports)\//,
    packages: /./,
  },
  { part: 'src/web/', values: /^src\/(core|engine|web)\//, types: /^src\/(core|engine|web)\//, packages: /./ },
  {
    part: 'src/cli/',
    values: /^src\/(cli\/|core\/(errors|naming|words)\.ts$)/,
    types: /^src\/(core|cli)\//,
    packages: /./,
  },
  { part: 'src/main', values: /^(src\/|package\.json$)/, types: /^src\//, packages: /./ },
  {
    part: 'board/src/',
    values: /^(board\/src\/|src\/core\/(words|holds)\.ts$)/,
    types: /^(board\/src|src\/core)\//,
    packages: /^(?!node:)/,
  },
]

/** Words that read a clock, chance, the machine or the network, or that make something asynchronous. */
const IMPURE =
  /\b(Date|performance|Math\.random|crypto|process|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|console|async|await|Promise|require|Buffer|toLocale\w+|localeCompare|Intl)\b/g
const MUTABLE = [
  /^(?:export )?(?:let|var) .*/gm,
  /^(?:export )?const \w+(?:: (?!Readonly)[^=]*)? = new (?:Map|Set|WeakMap|WeakSet|Array)\b.*/gm,
  /^(?:export )?const \w+(?:: (?!Readonly|readonly )[^=]*)? = (?:\[\]|\{\})$/gm,
]

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/(^|\s)\/\/.*$/gm, '$1')
const withoutTexts = (text: string): string => withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'/g, "''")

function importsOf(text: string): Import[] {
  const code = withoutComments(text)
  const clause = String.raw`(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\}|\w+(?:\s*,\s*(?:\{[^}]*\}|\*\s+as\s+\w+))?)`
  const named = [
    ...code.matchAll(new RegExp(String.raw`^(?:import|export)\s+(${clause})\s+from\s+['"]([^'"]+)['"]`, 'gm')),
  ]
  const bare = [
    ...code.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
    ...code.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g),
  ]
  return [
    ...named.map(([, what = '', from = '']) => ({ from, isType: onlyTypes(what) })),
    ...bare.map(([, from = '']) => ({ from, isType: false })),
  ]
}

function onlyTypes(clause: string): boolean {
  if (/^type\s/.test(clause)) return true
  const names = /^\{([^}]*)\}$/
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))
}

/** The imported file from the repository's root; null for a package. */
function target(path: string, from: string): string | null {
  if (from.startsWith('#')) return `src/${from.slice(1)}`
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : null
}

const adapterOf = (path: string): string | undefined => /^src\/adapters\/([^/]+)\//.exec(path)?.[1]

function importViolations({ path, text }: SourceFile): string[] {
  const rule = PARTS.find(({ part }) => path.startsWith(part))
  if (rule === undefined) return [`${path} belongs to no part of the house`]
  return importsOf(text).flatMap(({ from, isType }) => {
    const to = target(path, from)
    if (to === null) return rule.packages.test(from) ? [] : [`${path} imports the package ${from}`]
    const isOwn = adapterOf(path) !== undefined && adapterOf(path) === adapterOf(to)
    return isOwn || (isType ? rule.types : rule.values).test(to)
      ? []
      : [`${path} imports ${isType ? 'types of ' : ''}${to}`]
  })
}

const impurities = ({ path, text }: SourceFile): string[] =>
  path.startsWith('src/core/') ? [...withoutTexts(text).matchAll(IMPURE)].map(([word]) => `${path} says ${word}`) : []
const states = ({ path, text }: SourceFile): string[] =>
  path.startsWith('src/')
    ? MUTABLE.flatMap((pattern) => text.match(pattern) ?? []).map((line) => `${path} keeps state: ${line}`)
    : []
const tooLong = ({ path, text }: SourceFile): string[] => {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > LONGEST && !(path in LONGER) ? [`${path} has ${lines} lines`] : []
}

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (folder: string): SourceFile[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(root, file).replaceAll('\\', '/'), text: readFileSync(file, 'utf8') }))
const files = [...read('src'), ...read('board/src')]

describe('the house', () => {
  it('is all here', () => {
    for (const { part } of PARTS)
      assert.ok(
        files.some(({ path }) => path.startsWith(part)),
        part,
      )
  })
  it('imports one way only, and no adapter another', () => assert.deepEqual(files.flatMap(importViolations), []))
  it('has a core without clock, chance, machine or waiting', () => assert.deepEqual(files.flatMap(impurities), []))
  it('keeps no state in modules', () => assert.deepEqual(files.flatMap(states), []))
  it(`has no file of more than ${LONGEST} lines`, () => assert.deepEqual(files.flatMap(tooLong), []))
  it('lists no exception that is none', () => {
    for (const path of Object.keys(LONGER))
      assert.ok(
        files.some((file) => file.path === path && file.text.split('\n').length > LONGEST),
        path,
      )
  })
})

describe('a planted violation is caught', () => {
  const found = (path: string, text: string) =>
    [importViolations, impurities, states, tooLong].flatMap((rule) => rule({ path, text }))
  const planted: readonly (readonly [path: string, text: string, sentence: string])[] = [
    ['src/core/a.ts', "import { x } from '../engine/b.ts'", 'src/core/a.ts imports src/engine/b.ts'],
    ['src/core/a.ts', "import { x } from '#engine/b.ts'", 'src/core/a.ts imports src/engine/b.ts'],
    ['src/core/a.ts', "import type { X } from '#engine/b.ts'", 'src/core/a.ts imports types of src/engine/b.ts'],
    ['src/core/a.ts', "import 'node:fs'", 'src/core/a.ts imports the package node:fs'],
    ['src/core/a.ts', "export * from 'zod'", 'src/core/a.ts imports the package zod'],
    ['src/core/a.ts', "const x = import('zod')", 'src/core/a.ts imports the package zod'],
    [
      'src/core/decide/a.ts',
      "import {\n  x,\n  y,\n} from '../../web/b.ts'",
      'src/core/decide/a.ts imports src/web/b.ts',
    ],
    ['src/engine/a.ts', "import { x } from '../adapters/git/b.ts'", 'src/engine/a.ts imports src/adapters/git/b.ts'],
    ['src/engine/a.ts', "import pg from 'pg'", 'src/engine/a.ts imports the package pg'],
    [
      'src/adapters/git/a.ts',
      "import { x } from '../local/b.ts'",
      'src/adapters/git/a.ts imports src/adapters/local/b.ts',
    ],
    [
      'src/adapters/git/a.ts',
      "import { x } from '#engine/engine.ts'",
      'src/adapters/git/a.ts imports src/engine/engine.ts',
    ],
    ['src/adapters/a.ts', "import { x } from './git/b.ts'", 'src/adapters/a.ts imports src/adapters/git/b.ts'],
    ['src/web/a.ts', "import { x } from '../main/b.ts'", 'src/web/a.ts imports src/main/b.ts'],
    ['src/web/a.ts', "export { x } from '../adapters/git/b.ts'", 'src/web/a.ts imports src/adapters/git/b.ts'],
    ['src/cli/a.ts', "import { decide } from '#core/decide.ts'", 'src/cli/a.ts imports src/core/decide.ts'],
    ['src/cli/a.ts', "import { type Task, decide } from '#core/decide.ts'", 'src/cli/a.ts imports src/core/decide.ts'],
    ['src/cli/a.ts', "import type { X } from '#engine/b.ts'", 'src/cli/a.ts imports types of src/engine/b.ts'],
    ['src/main/a.ts', "import { x } from '../../test/b.ts'", 'src/main/a.ts imports test/b.ts'],
    ['board/src/a.tsx', "import { x } from '../../src/core/decide.ts'", 'board/src/a.tsx imports src/core/decide.ts'],
    ['board/src/a.tsx', "import { x } from 'node:fs'", 'board/src/a.tsx imports the package node:fs'],
    ['src/other/a.ts', '', 'src/other/a.ts belongs to no part of the house'],
    ['src/core/a.ts', 'const now = () => Date.now()', 'src/core/a.ts says Date'],
    ['src/core/a.ts', 'const x = Math.random()', 'src/core/a.ts says Math.random'],
    ['src/core/a.ts', 'const x = process.env.X', 'src/core/a.ts says process'],
    ['src/core/a.ts', 'export const f = async () => 1', 'src/core/a.ts says async'],
    ['src/core/a.ts', "const x = 'it is not in a text' + performance.now()", 'src/core/a.ts says performance'],
    ['src/web/a.ts', 'let count = 0', 'src/web/a.ts keeps state: let count = 0'],
    ['src/web/a.ts', 'export var count = 0', 'src/web/a.ts keeps state: export var count = 0'],
    [
      'src/web/a.ts',
      'const seen = new Map<string, number>()',
      'src/web/a.ts keeps state: const seen = new Map<string, number>()',
    ],
    [
      'src/web/a.ts',
      'const seen: Set<string> = new Set()',
      'src/web/a.ts keeps state: const seen: Set<string> = new Set()',
    ],
    ['src/web/a.ts', 'export const all: string[] = []', 'src/web/a.ts keeps state: export const all: string[] = []'],
    ['src/web/a.ts', '\n'.repeat(LONGEST + 1), `src/web/a.ts has ${LONGEST + 1} lines`],
  ]
  for (const [path, text, sentence] of planted) it(sentence, () => assert.deepEqual(found(path, text), [sentence]))

  it('and what is allowed is let through', () => {
    const allowed: readonly (readonly [path: string, text: string])[] = [
      ['src/core/decide/a.ts', "import { x } from '../b.ts'\n// async: not said here\nconst y = 'await Date'"],
      [
        'src/engine/a.ts',
        "import { x } from '#core/b.ts'\nimport { y } from './ports/c.ts'\nimport { z } from 'node:path'",
      ],
      [
        'src/adapters/git/deep/a.ts',
        "import { x } from '../b.ts'\nimport { y } from '#engine/ports/c.ts'\nimport pg from 'pg'",
      ],
      [
        'src/cli/a.ts',
        "import type { Task } from '#core/model.ts'\nimport { type A, type B } from '#core/view.ts'\nimport { UserError } from '#core/errors.ts'",
      ],
      ['src/main/a.ts', "import { x } from '../adapters/git/b.ts'\nimport { y } from '#engine/c.ts'"],
      ['src/main.ts', "import { x } from './main/a.ts'"],
      [
        'board/src/a.tsx',
        "import type { X } from '../../src/core/view.ts'\nimport { ROLES } from '../../src/core/words.ts'\nimport React from 'react'",
      ],
      [
        'src/web/a.ts',
        'const f = () => {\n  let count = 0\n  return count\n}\nconst names: ReadonlySet<string> = new Set([])\nconst none: readonly string[] = []',
      ],
      ['src/web/a.ts', 'x\n'.repeat(LONGEST)],
    ]
    for (const [path, text] of allowed) assert.deepEqual(found(path, text), [])
  })
})
