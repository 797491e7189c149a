/** What the demo works on: its own sample, or a repository of yours that is only read. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '#core/errors.ts'
import { loadConfig } from '../config/load.ts'
import { type Settings, settings } from '../config/settings.ts'
import { prepareDemoFolder } from '../data-folder.ts'
import { ensureSample, SAMPLE_DESCRIPTION, SAMPLE_TITLE } from './sample.ts'

export interface DemoOptions {
  readonly repo?: string
  readonly data?: string
  readonly port?: number
  readonly json: boolean
  readonly keep: boolean
  readonly waitForApproval: boolean
}

export interface DemoPlan {
  readonly settings: Settings
  readonly project: string
  readonly title: string
  readonly description: string
  /** The repository that is read, for the words of the demo. */
  readonly source: string
}

const NO_CHECK = 'git diff --check refs/remotes/origin/base HEAD'
export const PERSON = 'you'

export async function planDemo(options: DemoOptions, cwd: string, env: NodeJS.ProcessEnv): Promise<DemoPlan> {
  const root = resolve(cwd, options.data ?? '.orch/demo')
  return options.repo === undefined
    ? sampleDemo(options, root, env)
    : ownDemo(options, root, resolve(cwd, options.repo), env)
}

async function sampleDemo(options: DemoOptions, root: string, env: NodeJS.ProcessEnv): Promise<DemoPlan> {
  const source = join(root, 'sample-source')
  await prepareDemoFolder(root)
  try {
    await ensureSample(source, env)
  } catch (thrown) {
    throw new UserError(
      `The sample repository could not be made in ${source} (${(thrown as Error).message.split('\n')[0]}); choose another folder with --data.`,
    )
  }
  const project = {
    id: 'demo',
    title: 'Demo',
    key_prefix: 'DEMO',
    repo: 'sample',
    source,
    base: 'main',
    check: 'node --test',
  }
  return {
    settings: settingsOf(options, join(root, 'sample'), project),
    project: project.id,
    title: SAMPLE_TITLE,
    description: SAMPLE_DESCRIPTION,
    source,
  }
}

async function ownDemo(options: DemoOptions, root: string, path: string, env: NodeJS.ProcessEnv): Promise<DemoPlan> {
  if (!existsSync(path)) throw new UserError(`There is no folder ${path}; give --repo the path of a Git repository.`)
  if (!statSync(path).isDirectory())
    throw new UserError(`${path} is a file; give --repo the folder of a Git repository.`)
  const source = realpathSync(path)
  const config = join(source, 'orch.config.yaml')
  const known = existsSync(config) ? loadConfig({ path: config, env: {} }).settings.projects[0] : undefined
  const name = nameOf(basename(source))
  const repo = `${name}-${createHash('sha256').update(source).digest('hex').slice(0, 6)}`
  const project = {
    id: 'demo',
    title: basename(source),
    key_prefix: 'DEMO',
    repo,
    source,
    check: known?.check ?? NO_CHECK,
    base: await baseOf(source, known?.base, env),
  }
  return {
    settings: settingsOf(options, join(root, repo), project),
    project: project.id,
    title: 'Leave a note of the demo',
    description: 'The demo adds one harmless file. It works on a clone; the repository itself is only read.',
    source,
  }
}

const nameOf = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'repository'

/**
 * The wanted branch, or the one that is checked out or that a bare repository points at. Throws UserError where there is
 * nothing to work on, before anything is made for it.
 */
async function baseOf(path: string, wanted: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-C', path, ...args], {
      env: {
        PATH: env.PATH,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        LC_ALL: 'C',
      },
    }).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    )
  if ((await git('rev-parse', '--git-dir')) === null)
    throw new UserError(`${path} is in no Git repository; give --repo the folder of one.`)
  if ((await git('rev-parse', '--is-shallow-repository')) === 'true')
    throw new UserError(
      `${path} holds only a part of its history; run \`git fetch --unshallow\` there, or give --repo another clone.`,
    )
  const branch = wanted ?? (await git('symbolic-ref', '--quiet', '--short', 'HEAD'))
  if (branch === null)
    throw new UserError(`${path} has no branch checked out (its HEAD is detached); check one out and try again.`)
  if ((await git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`)) === null)
    throw new UserError(
      wanted === undefined
        ? `The branch ${branch} of ${path} has no commit yet; make a first one and try again.`
        : `${path} has no branch ${branch}, which its orch.config.yaml names as base; make that branch, or name another there.`,
    )
  if ((await git('cat-file', '-e', `refs/heads/${branch}^{commit}`)) === null)
    throw new UserError(
      `The newest commit of branch ${branch} of ${path} cannot be read; check that repository with \`git fsck\`.`,
    )
  return branch
}

function settingsOf(options: DemoOptions, dataDir: string, project: object): Settings {
  return settings.parse({
    data_dir: dataDir,
    server: { port: options.port ?? 0 },
    projects: [{ ...project, people: [PERSON], approval: 'person' }],
  })
}
