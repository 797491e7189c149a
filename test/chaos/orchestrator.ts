/** An orchestrator: admission, effects and reaper in loops, on the real store. Argument: database URL. */
import { hostname, tmpdir } from 'node:os'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { systemClock, systemIds } from '../../src/adapters/system/clock.ts'
import { admit } from '../../src/engine/admission.ts'
import { deliverNext } from '../../src/engine/effects.ts'
import { loop } from '../../src/engine/loop.ts'
import type { Forge } from '../../src/engine/ports/forge.ts'
import { reap } from '../../src/engine/reaper.ts'
import { connect, effects, HEARTBEAT_S, rulesOf, scheduleRules, silent } from './world.ts'

process.on('unhandledRejection', () => {})
const { store } = await connect(process.argv[2] ?? '', 'orchestrator')
const processes = createProcesses({ env: process.env, tmpDir: tmpdir() })
const forge = { pullRequest: async () => null } as unknown as Forge
const deps = { store, ids: systemIds, rulesOf, scheduleRules, clock: systemClock, log: silent }
const host = { ...processes.self(), name: hostname() }
const never = new AbortController().signal
await Promise.all([
  loop(
    { name: 'admit', everyMs: 200, step: async () => (await admit(deps, systemClock.now())).letIn > 0 },
    deps,
    never,
  ),
  loop(
    { name: 'deliver', everyMs: 200, step: () => deliverNext({ ...deps, handlers: effects, host, claimMs: 5_000 }) },
    deps,
    never,
  ),
  loop(
    {
      name: 'reap',
      everyMs: 1_000,
      step: async () => (await reap({ ...deps, forge, processes, host, silentMs: (HEARTBEAT_S + 2) * 1_000 })) > 0,
    },
    deps,
    never,
  ),
])
