/** The runtime `codex`. */
export type { CodexLogin } from './environment.ts'
export { type FoundCodex, findCodex } from './find.ts'
export type { CodexOptions } from './options.ts'
export { createCodexRuntime } from './runtime.ts'
