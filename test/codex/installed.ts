/** The real CLI, where a person has put it: `npm install --prefix ~/.cache/orch-test/codex-0.169.0 @openai/codex@0.169.0`. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findCodex } from '../../src/adapters/codex/index.ts'

const VERSION = '0.169.0'
const root = join(homedir(), '.cache', 'orch-test', `codex-${VERSION}`)
const found = findCodex('', '', root)

export const realCodex: string | null = 'path' in found ? found.path : null
export const SKIPPED = `the real codex ${VERSION} is not installed: npm install --prefix ${root} @openai/codex@${VERSION}`
