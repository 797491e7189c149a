/** `npm run check`: everything that is fast, in the order in which it is cheapest to fail; under a minute. */
import { spawnSync } from 'node:child_process'

const steps: readonly [string, string, readonly string[]][] = [
  ['format and lint', 'biome', ['ci', '--colors=off', '.']],
  ['types', 'tsc', []],
  ['types of the board', 'tsc', ['--project', 'board/tsconfig.json']],
  ['generated docs', 'node', ['scripts/docs.ts', '--check']],
  [
    'unit tests and architecture',
    'node',
    [
      '--test',
      '--test-reporter=./scripts/closing-line.ts',
      '--test-reporter-destination=stdout',
      'test/*.test.ts',
      'test/{core,engine,cli,main,web}/**/*.test.ts',
    ],
  ],
  ['simulation', 'node', ['test/sim/run.ts', '--seeds', '200']],
]

const begun = performance.now()
let failed = 0
for (const [name, program, args] of steps) {
  const at = performance.now()
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const seconds = ((performance.now() - at) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (status !== 0) {
    failed += 1
    console.log(`${stdout}\n${stderr}`.trim())
  }
}
console.log(
  `check: ${steps.length - failed} of ${steps.length} steps passed in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
)
process.exitCode = failed === 0 ? 0 : 1
