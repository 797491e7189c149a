/** A process of its own that merges one pull request: `merge-once.ts <database> <dir> <repo> <number> <head>`. */
import { createLocalForge } from '../../../src/adapters/local/index.ts'

const [database = '', dir = '', repo = '', number = '', head = ''] = process.argv.slice(2)
const forge = createLocalForge({
  database,
  dir,
  clock: { now: () => 1_700_000_000_000 },
  env: process.env,
  bot: { name: 'Orch', email: 'orch@example.org' },
})
console.log(JSON.stringify(await forge.merge(repo, Number(number), { head, message: 'Merge' })))
await forge.close()
