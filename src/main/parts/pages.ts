/** The board and the API over a running Orch. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bell } from '#engine/loop.ts'
import type { Orch } from '#engine/orch.ts'
import type { Repositories } from '#engine/ports/repositories.ts'
import type { RunLogs } from '#engine/ports/run-logs.ts'
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import type { Store } from '#engine/ports/store.ts'
import type { Clock, Log } from '#engine/ports/world.ts'
import { createWeb, type Web } from '../../web/app.ts'
import type { Changes } from '../../web/events.ts'
import { agentWarnings } from '../agent-rules.ts'
import type { RuntimeName } from '../config/agent-settings.ts'
import type { Settings } from '../config/settings.ts'
import { guardsOff, scheduleRulesOf, shownPolicyOf } from '../rules.ts'
import { VERSION } from '../version.ts'

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url))

export interface PagesDeps {
  readonly store: Store
  readonly repositories: Pick<Repositories, 'readFile'>
  readonly runLogs: RunLogs
  readonly clock: Clock
  readonly log: Log
  readonly changes: Changes
  readonly orch: Orch
  readonly bell: Bell
  readonly settings: () => Settings
  readonly runtime: (name: RuntimeName) => AgentRuntime
  readonly token: string
  readonly person: string
  /** What must be seen on every page; guards that are off are added. */
  readonly warnings: readonly string[]
}

export const createPages = ({ settings, store, repositories, orch, bell, clock, ...deps }: PagesDeps): Promise<Web> =>
  createWeb({
    store,
    intake: orch.intake,
    runLogs: deps.runLogs,
    readFile: repositories.readFile,
    changes: deps.changes,
    policyOf: shownPolicyOf(settings),
    scheduleRules: () => scheduleRulesOf(settings(), deps.runtime),
    guards: () => ({ serialGate: settings().serial_gate.enabled, stop: settings().stop_status.enabled }),
    access: { token: deps.token, person: deps.person },
    me: () => ({
      version: VERSION,
      projects: settings().projects.map(({ id, title, repo }) => ({ id, title: title ?? id, repo })),
      warnings: [...deps.warnings, ...guardsOff(settings()), ...agentWarnings(settings())],
    }),
    boardDir: join(PACKAGE, 'dist', 'board'),
    host: settings().server.host,
    now: () => clock.now(),
    log: deps.log,
    isReady: async () => (await store.reads.lastStoryId()) >= 0,
    ring: () => bell.ring(),
  })
