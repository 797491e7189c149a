/**
 * The mutation audit: puts each seeded bug alone into a copy of the tree and lets the simulation look for it.
 * `node test/sim/audit.ts [--seeds 200] [--only words] [--check]`; `--check` only looks whether each bug still fits.
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
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
  },
})
const root = resolve(import.meta.dirname, '../..')
const chosen = MUTANTS.filter(({ name }) => name.includes(values.only))
const unfit = chosen.filter(({ file, finds }) => readFileSync(join(root, file), 'utf8').split(finds).length !== 2)
for (const { name, file } of unfit) console.log(`does not fit any more: ${name} (${file})`)

const copy = mkdtempSync(join(tmpdir(), 'orch-mutants-'))
let missed = 0
try {
  if (!values.check) {
    for (const name of ['src', 'test', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const mutant of chosen) if (!unfit.includes(mutant)) await audit(mutant)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`audit: ${chosen.length} seeded bugs, ${missed} missed, ${unfit.length} do not fit`)
process.exitCode = missed + unfit.length > 0 ? 1 : 0

async function audit({ name, file, finds, puts }: Mutant): Promise<void> {
  const path = join(copy, file)
  const sound = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    sound.replace(finds, () => puts),
  )
  const { code, text } = await simulate()
  writeFileSync(path, sound)
  const found = /^seed (\d+): (.*)$/m.exec(text)
  if (code === 0) missed += 1
  const why = found ? `seed ${found[1]}: ${(found[2] ?? '').slice(0, 90)}` : text.trim().split('\n').at(-1)
  console.log(`| ${code === 0 ? 'MISSED' : 'caught'} | ${name} | ${why} |`)
}

function simulate(): Promise<{ code: number | null; text: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['test/sim/run.ts', '--seeds', values.seeds, '--first'], { cwd: copy })
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
    })
    child.stderr.on('data', (data) => {
      text += data
    })
    child.on('close', (code) => done({ code, text }))
  })
}
