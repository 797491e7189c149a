/**
 * Every setting of Orch: its shape, its default, and the sentence that explains it. One source for the loader, the JSON
 * Schema, the environment names (`ORCH_<PATH>`) and the file that `orch init` writes.
 */

import { z } from 'zod'
import { ROLES } from '#core/words.ts'
import { agentSettings, budgetSettings, projectAgentSettings } from './agent-settings.ts'

const seconds = (fallback: number, max = 86_400) => z.number().int().min(1).max(max).default(fallback)
const repoName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'use lower-case letters, digits, dots, dashes and underscores, at most 100')
const projectId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,49}$/, 'use lower-case letters, digits and dashes, at most 50')
const keyPrefix = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{0,9}$/, 'use capital letters and digits, at most 10, beginning with a letter')

/** What `git check-ref-format --branch` allows, without the folder of Orch's own branches. */
const branchName = z
  .string()
  .regex(
    /^(?!-)(?!orch\/)(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock\/))(?!.*(?:\.lock|\/|\.)$)(?![/.])[^\s~^:?*[\\\p{Cc}]{1,200}$/u,
    'use the name of a branch, not below orch/',
  )

export const projectSettings = z.strictObject({
  id: projectId.describe('Name of the project in URLs and on the board.'),
  title: z.string().min(1).max(100).optional().describe('What people call it; its id where absent.'),
  key_prefix: keyPrefix
    .default('TASK')
    .describe('Prefix of work item keys in the embedded tracker, as TASK in TASK-1.'),
  repo: repoName.describe('Name of the repository in the forge. One repository belongs to one project.'),
  source: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Path of a Git repository that the embedded forge is filled from at its first start. It is read once and never written.',
    ),
  base: branchName.default('main').describe('The branch that tasks are merged into.'),
  check: z
    .string()
    .min(1)
    .describe("The repository's own check command, run by `sh -c` on a clean checkout of the exact commit."),
  check_timeout_seconds: seconds(900).describe('How long the check command may take.'),
  approval: z.enum(['person', 'auto']).default('person').describe('Who approves the analysis.'),
  people: z.array(z.string().min(1)).default([]).describe('Who may approve, send back, answer, retry and stop.'),
  protected_paths: z
    .array(z.string().min(1))
    .default([
      '.gitea/**',
      '.github/**',
      '.ci/**',
      'CLAUDE.md',
      'AGENTS.md',
      '**/CLAUDE.md',
      '**/AGENTS.md',
      '.claude/**',
    ])
    .describe('Files that no task changes without a person’s word (glob patterns).'),
  agent: projectAgentSettings,
  prompts: z
    .partialRecord(z.enum(ROLES), z.string().min(1))
    .default({})
    .describe('Files with prompts of your own by role, from the folder of this file on; Orch’s own where absent.'),
  house_rules: z
    .string()
    .min(1)
    .optional()
    .describe('File with standing rules that every agent of the project is told, from the folder of this file on.'),
  on_hold: z
    .enum(['keep'], { error: 'a task on hold keeps its lane; "release" is not there yet, so write "keep"' })
    .default('keep')
    .describe('A task on hold keeps its lane; `release` is not there yet.'),
})

export const settings = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('.orch')
    .describe('Where Orch keeps everything of its own. Relative paths start at the folder of this file.'),
  runs_dir: z.string().min(1).optional().describe('Logs of runs; `<data_dir>/runs` where absent.'),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Loopback by default.'),
      port: z.number().int().min(0).max(65_535).default(4777).describe('Port of board and API; 0 takes any free one.'),
    })
    .prefault({})
    .describe('The board and the API.'),
  database: z
    .strictObject({
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\/./, 'it begins with postgres://')
        .optional()
        .meta({ writeOnly: true })
        .describe(
          'postgres://… of a PostgreSQL 14 or newer; embedded where absent. Better written as $DATABASE_URL than here.',
        ),
    })
    .prefault({})
    .describe('Where Orch keeps its state.'),
  sandbox: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Isolation of agents and check commands. `off` is shown on every page.'),
  max_concurrency: z.number().int().min(1).max(100).default(4).describe('Runs at once, over all projects.'),
  concurrency: z
    .strictObject({
      per_role: z
        .partialRecord(z.enum(ROLES), z.number().int().min(1))
        .default({})
        .describe('Runs at once of one role.'),
      per_project: z.record(projectId, z.number().int().min(1)).default({}).describe('Runs at once in one project.'),
    })
    .prefault({})
    .describe('Limits beside max_concurrency.'),
  agent: agentSettings,
  budget: budgetSettings,
  serial_gate: z
    .strictObject({
      enabled: z.boolean().default(true).describe('One task at a time per repository.'),
      repos: z.array(repoName).default([]).describe('Only these repositories; all where empty.'),
      freeze_enabled: z.boolean().default(true).describe('Whether a freeze binds.'),
    })
    .prefault({})
    .describe('Who may work on a repository, and when.'),
  stop_status: z
    .strictObject({ enabled: z.boolean().default(true).describe('Whether STOP works, from every side.') })
    .prefault({})
    .describe('The status that ends a task.'),
  projects: z.array(projectSettings).default([]).describe('The projects that Orch works for.'),
})

export type Settings = z.infer<typeof settings>
export type ProjectSettings = z.infer<typeof projectSettings>
