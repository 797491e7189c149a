export type { CreatedRepository } from './create-repository.ts'
export { type DatabaseSource, type LocalDatabase, openLocalDatabase } from './database.ts'
export { createLocalForge, type LocalForge, type LocalForgeOptions } from './forge.ts'
export { createLocalTracker, type LocalTracker, type LocalTrackerOptions } from './tracker.ts'
