/**
 * The mutation audit: puts each seeded bug alone into a copy of the tree and lets the simulation look for it, and where
 * that cannot reach it, the unit tests that the bug names.
 * `node test/sim/audit.ts [--seeds 200] [--jobs 2] [--only pattern] [--check] [--write]`; `--check` only looks whether each
 * bug still fits, `--write` writes the table of `mutants.md`.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTANTS, type Mutant } from './mutants.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

/** How a bug came to light: by a rule of the simulation, by a test, or not at all. */
type Found = { readonly by: 'simulation' | 'unit test' | 'nobody'; readonly what: string; readonly seed: string }

const root = resolve(import.meta.dirname, '../..')
const chosen = MUTANTS.filter(({ name }) => new RegExp(values.only).test(name))
const unfit = chosen.filter(({ file, finds }) => readFileSync(join(root, file), 'utf8').split(finds).length !== 2)
for (const { name, file } of unfit) console.log(`does not fit any more: ${name} (${file})`)

const found = new Map<Mutant, Found>()
const copies = mkdtempSync(join(tmpdir(), 'orch-mutants-'))
try {
  const waiting = values.check ? [] : chosen.filter((mutant) => !unfit.includes(mutant))
  await Promise.all(Array.from({ length: Number(values.jobs) }, (_, index) => work(join(copies, `${index}`), waiting)))
} finally {
  rmSync(copies, { recursive: true, force: true })
}
const missed = [...found.values()].filter(({ by }) => by === 'nobody').length
if (values.write) writeTable()
console.log(`audit: ${chosen.length} seeded bugs, ${missed} missed, ${unfit.length} do not fit`)
console.log(`${chosen.length - missed - unfit.length} passed, ${missed + unfit.length} failed`)
process.exitCode = missed + unfit.length > 0 ? 1 : 0

/** Takes one bug after the other from the list, in a copy of its own. */
async function work(copy: string, waiting: Mutant[]): Promise<void> {
  for (const name of ['src', 'test', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const { name, file, finds, puts } = mutant
    const path = join(copy, file)
    const sound = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      sound.replace(finds, () => puts),
    )
    const outcome = await look(copy, mutant)
    writeFileSync(path, sound)
    found.set(mutant, outcome)
    console.log(`${outcome.by === 'nobody' ? 'MISSED' : 'caught'}: ${name}: ${outcome.what} (${outcome.seed})`)
  }
}

async function look(copy: string, { test }: Mutant): Promise<Found> {
  const simulated = await run(copy, ['test/sim/run.ts', '--seeds', values.seeds, '--first'])
  const [, seed = '-', rule = simulated.text.trim().split('\n').at(-1) ?? ''] =
    /^seed (\d+): ([^:]*):/m.exec(simulated.text) ?? []
  if (simulated.code !== 0) return { by: 'simulation', what: rule, seed }
  if (test === undefined) return { by: 'nobody', what: '', seed: '-' }
  const { code } = await run(copy, ['--test', test])
  return { by: code === 0 ? 'nobody' : 'unit test', what: test, seed: '-' }
}

function run(cwd: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd })
    let text = ''
    const add = (data: Buffer) => {
      text += data
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('close', (code) => done({ code, text }))
  })
}

function writeTable(): void {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const row = (mutant: Mutant) => {
    const { by, what, seed } = found.get(mutant) ?? { by: 'nobody', what: 'does not fit any more', seed: '-' }
    return { by, line: `| ${[mutant.name, `\`${mutant.file}\``, what, seed].map(cell).join(' | ')} |` }
  }
  const rows = chosen.map(row)
  const of = (by: Found['by']) => rows.filter((one) => one.by === by).map(({ line }) => line)
  const survivors = chosen.filter((mutant) => found.get(mutant)?.by !== 'simulation')
  const text = [
    '# Seeded bugs',
    '',
    `Made by \`node test/sim/audit.ts --write\`. Each bug was put alone into a copy of the tree, and up to ${values.seeds} seeds were run on the store in memory. The words that each bug changes are in \`mutants.ts\`.`,
    '',
    `${chosen.length} bugs: ${of('simulation').length} found by the simulation, ${of('unit test').length} by a unit test alone, ${of('nobody').length} by nothing.`,
    '',
    '## Found by the simulation',
    '',
    '| Bug | File | Rule that was violated | First seed |',
    '|---|---|---|---|',
    ...of('simulation'),
    '',
    '## Not found by the simulation within these seeds',
    '',
    '| Bug | File | Found by | Why the simulation does not see it |',
    '|---|---|---|---|',
    ...survivors.map((mutant) => {
      const { by, what } = found.get(mutant) ?? { by: 'nobody', what: '' }
      return `| ${cell(mutant.name)} | \`${mutant.file}\` | ${by === 'unit test' ? `\`${what}\`` : 'nothing'} | ${cell(mutant.why ?? '')} |`
    }),
    '',
  ]
  writeFileSync(join(import.meta.dirname, 'mutants.md'), text.join('\n'))
}
