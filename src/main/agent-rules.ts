/** From settings to what agents run with: runtime, wishes, limits, budgets, prompts. */
import { fileURLToPath } from 'node:url'
import type { AgentWish, WishLevel } from '#core/agent-choice.ts'
import type { Prices, SpendingLimit, SpendingLimits } from '#core/spending.ts'
import { ROLES, type Role } from '#core/words.ts'
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import type { Project } from '#engine/project.ts'
import { loadHouseRules, loadPrompts } from '../adapters/files/prompts.ts'
import type { RuntimeName } from './config/agent-settings.ts'
import type { ProjectSettings, Settings } from './config/settings.ts'

const PROMPTS = fileURLToPath(new URL('../../prompts', import.meta.url))
/** Roles that build and try what they build; the others need nothing but their model. */
const BUILDERS: readonly Role[] = ['developer', 'tester']

export const runtimeNameOf = ({ agent }: Settings, role: Role): RuntimeName =>
  agent.roles[role].runtime ?? agent.runtime

interface WishSettings {
  readonly model?: string | undefined
  readonly effort?: string | undefined
  readonly fallback_model?: string | undefined
}
const wishOf = ({ model, effort, fallback_model }: WishSettings): AgentWish => ({
  model,
  effort,
  fallback: fallback_model,
})

export const wishesOf = ({ agent }: Settings, project: ProjectSettings, role: Role): readonly WishLevel[] => [
  { from: `the ${role} in project ${project.id}`, wish: wishOf(project.agent.roles[role]) },
  { from: `project ${project.id}`, wish: wishOf(project.agent) },
  { from: `the ${role}`, wish: wishOf(agent.roles[role]) },
  { from: 'all agents', wish: wishOf(agent) },
]

export const limitsOf = ({ agent }: Settings, role: Role): ReturnType<Project['limits']> => ({
  timeoutMs: (agent.timeout_overrides[role] ?? agent.timeout_seconds) * 1000,
  stallMs: agent.stall_seconds * 1000,
  graceMs: agent.kill_grace_seconds * 1000,
})

export function spendingOf({ budget }: Settings): SpendingLimits {
  const of = (limit: Settings['budget']['run']): SpendingLimit => ({
    softUsd: limit.soft_usd,
    hardUsd: limit.hard_usd,
    softTokens: limit.soft_tokens,
    hardTokens: limit.hard_tokens,
  })
  return { run: of(budget.run), task: of(budget.task), day: of(budget.day) }
}

export const pricesOf = ({ budget }: Settings): Prices =>
  Object.fromEntries(
    Object.entries(budget.prices).map(([name, { input, output, cache_read, cache_write }]) => [
      name,
      { input, output, cacheRead: cache_read, cacheWrite: cache_write },
    ]),
  )

export const egressOf = ({ agent }: Settings, role: Role): readonly string[] =>
  BUILDERS.includes(role) ? agent.egress : []

/**
 * Prompts and house rules of each project, read from their files once for each state of the settings.
 * The function throws UserError for a file that cannot be used.
 */
export function createHouses(): (project: ProjectSettings) => Project['house'] {
  const known = new WeakMap<ProjectSettings, Project['house']>()
  return (project) => {
    const found = known.get(project)
    if (found !== undefined) return found
    const house = {
      prompts: loadPrompts(PROMPTS, project.prompts),
      rules: project.house_rules === undefined ? '' : loadHouseRules(project.house_rules),
    }
    known.set(project, house)
    return house
  }
}

/** What must be seen on every page of the agents, a sentence each. */
export function agentWarnings(settings: Settings): readonly string[] {
  const of = (name: RuntimeName): readonly Role[] => ROLES.filter((role) => runtimeNameOf(settings, role) === name)
  const scripted = of('scripted')
  const subscribed = settings.agent.claude.login === 'subscription' ? of('claude') : []
  const who = (roles: readonly Role[]) => (roles.length === ROLES.length ? 'All roles' : `The ${roles.join(', ')}`)
  return [
    ...(scripted.length === 0
      ? []
      : [
          `${who(scripted)}: played by the scripted runtime, a program for demonstration, not an intelligence (agent.runtime).`,
        ]),
    ...(subscribed.length === 0
      ? []
      : [`${who(subscribed)}: a subscription's token is in reach of each run, and no gateway counts what it uses.`]),
  ]
}

/** Runtimes that a role uses and that cannot work here as it is, a sentence each; their runs wait until they can. */
export async function unfitRuntimes(
  settings: Settings,
  runtime: (name: RuntimeName) => AgentRuntime,
): Promise<readonly string[]> {
  const names = [...new Set(ROLES.map((role) => runtimeNameOf(settings, role)))]
  const found = await Promise.all(names.map((name) => runtime(name).probe()))
  return found.flatMap((one) => (one.ok ? [] : [one.sentence]))
}

/** Reads the prompts and house rules of all projects. @throws {UserError} for the first that cannot be used. */
export function readHouses(settings: Settings): void {
  const houseOf = createHouses()
  for (const project of settings.projects) houseOf(project)
}
