/** From settings to what core and engine ask for. */

import { UserError } from '#core/errors.ts'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { RulesOf } from '#engine/engine.ts'
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import type { Project, ProjectOf } from '#engine/project.ts'
import type { ProjectSettings, Settings } from './config/settings.ts'

export function projectSettingsOf(settings: Settings, id: string): ProjectSettings {
  const found = settings.projects.find((project) => project.id === id)
  if (found === undefined)
    throw new UserError(`Project ${id} is not in the configuration any more; add it again, or stop its tasks.`)
  return found
}

export const policyOf = (project: ProjectSettings): Policy => ({
  ...defaultPolicy,
  approval: project.approval,
  onHold: project.on_hold,
})

export const rulesOf =
  (settings: () => Settings): RulesOf =>
  (project) => ({ pipeline, policy: policyOf(projectSettingsOf(settings(), project)) })

export const scheduleRulesOf = (settings: Settings): ScheduleRules => {
  const { enabled, repos, freeze_enabled } = settings.serial_gate
  return {
    caps: {
      total: settings.max_concurrency,
      perRole: settings.concurrency.per_role,
      perProject: settings.concurrency.per_project,
    },
    serialGate: (repo) => enabled && (repos.length === 0 || repos.includes(repo)),
    freeze: freeze_enabled,
  }
}

export const projectOf =
  (settings: () => Settings, runtime: AgentRuntime): ProjectOf =>
  (id): Project => {
    const now = settings()
    const project = projectSettingsOf(now, id)
    const { timeout_seconds, stall_seconds, kill_grace_seconds } = now.agent
    return {
      id,
      repo: project.repo,
      check: { command: project.check, timeoutMs: project.check_timeout_seconds * 1000 },
      protectedPaths: project.protected_paths,
      sandbox: now.sandbox,
      runtime,
      limits: () => ({
        timeoutMs: timeout_seconds * 1000,
        stallMs: stall_seconds * 1000,
        graceMs: kill_grace_seconds * 1000,
      }),
      author: (role) => ({ name: role === 'orch' ? 'Orch' : `Orch ${role}`, email: `${role}@orch.localhost` }),
    }
  }
