/** Stands for Orch: starts one stubborn program and says so. Arguments: folder, token, on or off. */
import { createProcesses } from '../../../src/adapters/process/processes.ts'

const [dir, token, sandbox] = process.argv.slice(2) as [string, string, 'on' | 'off']
const PATH = process.env.PATH ?? '/usr/bin:/bin'
const stubborn = `sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0"`

createProcesses({ env: { PATH }, tmpDir: dir }).start({
  argv: ['sh', '-c', `(setsid ${stubborn} >/dev/null 2>&1 &); ${stubborn} & echo up; wait`, token],
  cwd: dir,
  env: { PATH },
  sandbox: sandbox === 'on' ? { is: 'on', writable: [dir], hidden: [], readable: [] } : { is: 'off' },
  timeoutMs: 60_000,
  graceMs: 60_000,
  tailBytes: 100,
  onLine: (line) => console.log(line),
})
