import { demo } from './demo/demo.ts'
import { onInterrupt } from './interrupt.ts'
export async function runCommandLine(argv: string[], process: NodeJS.Process): Promise<number> {
  const { parseArgs } = await import('node:util')
  const { values } = parseArgs({ args: argv.slice(3), options: { json: { type: 'boolean' }, keep: { type: 'boolean' }, repo: { type: 'string' }, data: { type: 'string' } } })
  const i = onInterrupt(process, (s) => console.error(s))
  try {
    return await demo({ json: !!values.json, keep: !!values.keep, waitForApproval: false, ...(values.repo ? { repo: values.repo } : {}), ...(values.data ? { data: values.data } : {}) }, { cwd: process.cwd(), env: process.env, write: (t) => process.stdout.write(t), colour: false, now: Date.now, uuid: () => crypto.randomUUID(), interrupted: i.signal })
  } finally { i.release() }
}
