/** `npm run sim`: many seeds, or one of them again with every step. */
import { parseArgs } from 'node:util'
import { createMemoryStore } from './memory/memory-store.ts'
import { createPostgresStore } from './postgres/postgres-store.ts'
import { startSimServer } from './postgres/server.ts'
import { type Result, simulate } from './simulate.ts'
import { createSometimes, INTERESTING } from './sometimes.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    stats: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    /** Ends with the first seed that fails. */
    first: { type: 'boolean', default: false },
    /** On a real PostgreSQL of our own, which is started and stopped. */
    postgres: { type: 'boolean', default: false },
  },
})
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const server = values.postgres ? await startSimServer() : null
const storeFactory = server === null ? createMemoryStore : createPostgresStore(server.database)
const sometimes = createSometimes()
const began = performance.now()
let steps = 0
let failed = 0
const rules = new Map<string, number[]>()

for (let seed = from; seed < from + count && !(values.first && failed > 0); seed += 1) {
  const result = await simulate(seed, {
    storeFactory,
    sometimes,
    ...(values.trace ? { print: (line: string) => console.log(line) } : {}),
  })
  steps += result.steps
  const isSample = values.twice || (seed % 20 === 0 && server === null)
  const again = isSample ? await simulate(seed, { storeFactory }) : result
  if (again.hash !== result.hash)
    report(result, 'determinism', `a second run took another way (${again.hash} after ${result.hash})`)
  else if (result.violation !== null) report(result, result.violation.rule, result.violation.sentence)
}

function report(result: Result, rule: string, sentence: string): void {
  failed += 1
  rules.set(rule, [...(rules.get(rule) ?? []), result.seed])
  if (failed > (values.all ? 20 : 1)) return
  console.log(`seed ${result.seed}: ${rule}: ${sentence}`)
  if (values.all && !values.trace && failed > 1) return
  for (const line of result.last) console.log(`  ${line}`)
  console.log(`  again: node test/sim/run.ts --seed ${result.seed} --trace`)
}

await server?.stop()

const zeros = INTERESTING.filter((name) => sometimes.counts.get(name) === 0)
if (values.stats) for (const [name, seen] of sometimes.counts) console.log(`${String(seen).padStart(8)}  ${name}`)
for (const [rule, seeds] of rules) console.log(`${rule}: ${seeds.length} seeds, first ${seeds.slice(0, 8).join(', ')}`)
if (count >= 2_000 && zeros.length > 0) {
  failed += 1
  console.log(`never reached in ${count} seeds: ${zeros.join('; ')}`)
}
const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(`sim: ${count} seeds, ${steps} steps, ${failed} violations in ${seconds} s`)
console.log(`${count - Math.min(failed, count)} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
