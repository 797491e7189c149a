/** Settings of the coding agents and of what they may spend. */
import { z } from 'zod'
import { ROLES, type Role } from '#core/words.ts'

const seconds = z.number().int().min(1).max(86_400)
export const RUNTIMES = ['scripted', 'claude', 'codex'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

/** Names of models and efforts are the agent's; a wrong one is said where it is used and is never fatal. */
const wish = {
  model: z.string().max(200).optional().describe('Model; the agent’s own default where nothing is set.'),
  effort: z.string().max(50).optional().describe('How hard it thinks: low, medium, high, xhigh or max.'),
  fallback_model: z.string().max(200).optional().describe('Model to go on with where the first is overloaded.'),
}

const perRole = <S extends z.ZodType>(one: () => S) =>
  z.strictObject(Object.fromEntries(ROLES.map((role) => [role, one()])) as Record<Role, S>).prefault({} as never)

export const projectAgentSettings = z
  .strictObject({
    ...wish,
    roles: perRole(() => z.strictObject(wish).prefault({}).describe('For this role alone.')).describe('By role.'),
  })
  .prefault({})
  .describe('What agents run with in this project; before what is set for all.')

const host = z
  .string()
  .regex(/^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+$/i, 'a host name, as registry.example.org or *.example.org')

const limit = (of: string) =>
  z
    .strictObject({
      soft_usd: z.number().positive().optional().describe('Dollars at which the task asks before it goes on.'),
      hard_usd: z.number().positive().optional().describe('Dollars at which a run is ended; its work is kept.'),
      soft_tokens: z.number().int().positive().optional().describe('Tokens of all kinds at which the task asks.'),
      hard_tokens: z.number().int().positive().optional().describe('Tokens of all kinds at which a run is ended.'),
    })
    .prefault({})
    .describe(of)

export const budgetSettings = z
  .strictObject({
    run: limit('One run.'),
    task: limit('All runs of a task together.'),
    day: limit('All runs of all tasks, per day of UTC.'),
    prices: z
      .record(
        z.string().min(1).max(200),
        z.strictObject({
          input: z.number().min(0),
          output: z.number().min(0),
          cache_read: z.number().min(0).default(0),
          cache_write: z.number().min(0).default(0),
        }),
      )
      .default({})
      .describe(
        'Dollars per million tokens by the beginning of a model’s name (`*` is any), to end a run at its limit of money while it works; without one its cost is known when it has ended.',
      ),
  })
  .prefault({})
  .describe('What agents may spend. Nothing set is no limit.')

const provider = (upstream: string, variable: string) => ({
  command: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The program, by name or absolute path; found on PATH, or among this folder’s npm packages, where absent.',
    ),
  api_key: z
    .string()
    .min(1)
    .optional()
    .meta({ writeOnly: true })
    .describe(`Key of the provider; $${variable} of the environment where absent. No run ever sees it.`),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default(upstream)
    .describe('Where the models are.'),
})

export const agentSettings = z
  .strictObject({
    runtime: z
      .enum(RUNTIMES)
      .default('scripted')
      .describe('What does the work of the roles. `scripted` is a program without intelligence, for demonstration.'),
    ...wish,
    timeout_seconds: seconds.default(3_600).describe('How long one run may take.'),
    timeout_overrides: z.partialRecord(z.enum(ROLES), seconds).default({}).describe('The same by role.'),
    stall_seconds: seconds.default(600).describe('How long one run may be silent.'),
    kill_grace_seconds: seconds.max(600).default(10).describe('Between asking a run to end and ending it by force.'),
    egress: z
      .array(host)
      .default([])
      .describe('Hosts that developer and tester may reach from inside their isolation, as a package registry.'),
    keep_logs_days: z.number().int().min(1).max(3_650).default(30).describe('How long logs of runs are kept.'),
    keep_logs_mib: z.number().int().min(1).default(4_096).describe('How much room they may take together.'),
    roles: perRole(() =>
      z
        .strictObject({ runtime: z.enum(RUNTIMES).optional().describe('Another runtime for this role.'), ...wish })
        .prefault({})
        .describe('For this role alone.'),
    ).describe('By role.'),
    claude: z
      .strictObject({
        ...provider('https://api.anthropic.com', 'ANTHROPIC_API_KEY'),
        login: z
          .enum(['key', 'subscription'])
          .default('key')
          .describe(
            '`subscription` hands the run CLAUDE_CODE_OAUTH_TOKEN instead of keeping a key from it; every page says so.',
          ),
      })
      .prefault({})
      .describe('Claude Code.'),
    codex: z.strictObject(provider('https://api.openai.com/v1', 'OPENAI_API_KEY')).prefault({}).describe('Codex.'),
  })
  .prefault({})
  .describe('The coding agents.')
