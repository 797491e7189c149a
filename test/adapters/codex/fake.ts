/** A program that behaves like codex, to be put where the runtime expects the real one. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentSpec } from '../../../src/engine/ports/runtime.ts'
import type { Step } from './fake-codex.ts'

const PROGRAM = fileURLToPath(new URL('./fake-codex.ts', import.meta.url))

/** Its absolute path. `version` is what it prints for `--version`. */
export function installFake(dir: string, version = 'codex-cli 0.169.0\n'): string {
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'version'), version)
  const file = join(dir, 'codex')
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' '${dir}' "$@"\n`, { mode: 0o755 })
  return file
}

/** A prompt that makes it play these steps. */
export const playing = (steps: readonly Step[]): AgentSpec['prompt'] => ({
  text: JSON.stringify(steps),
  rules: '',
  task: { key: 'ORC-7', title: 'A title', description: '', folder: 'docs/tasks/ORC-7/' },
  artefact: null,
  notes: [],
})
