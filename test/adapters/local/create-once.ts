/** A process of its own that makes one repository: `create-once.ts <database> <dir> <repo>`. Prints what came of it. */
import { createLocalForge } from '../../../src/adapters/local/index.ts'

const [database = '', dir = '', repo = ''] = process.argv.slice(2)
const forge = createLocalForge({
  database,
  dir,
  clock: { now: () => 1_700_000_000_000 },
  env: process.env,
  bot: { name: 'Orch', email: 'orch@example.org' },
})
const outcome = await forge.createRepository(repo, { from: null, base: null }).catch(String)
console.log(JSON.stringify(outcome))
await forge.close()
