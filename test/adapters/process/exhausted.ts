/** Stands for Orch with no file handle left. Arguments: folder, on or off. Prints how a start ended. */
import { openSync } from 'node:fs'
import { createProcesses } from '../../../src/adapters/process/processes.ts'

const [dir, sandbox] = process.argv.slice(2) as [string, 'on' | 'off']
const PATH = process.env.PATH ?? '/usr/bin:/bin'
const processes = createProcesses({ env: { PATH }, tmpDir: dir })
const start = () =>
  processes.start({
    argv: ['true'],
    cwd: dir,
    env: { PATH },
    sandbox: sandbox === 'on' ? { is: 'on', writable: [dir], hidden: [], readable: [] } : { is: 'off' },
    timeoutMs: 10_000,
    graceMs: 0,
    tailBytes: 1000,
  }).result

await start() // What is loaded when needed is loaded.
console.log('begin')
try {
  for (;;) openSync('/dev/null', 'r')
} catch {}
const { ended, tail } = await start()
console.log(`${ended} ${tail}`)
process.exit()
