/** `orch doctor`: is this machine and this configuration fit to work? Each line that is not says what to do. */
import { execFile } from 'node:child_process'
import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { sentenceOf } from '#core/errors.ts'
import { ROLES } from '#core/words.ts'
import { createProcesses } from '../adapters/process/processes.ts'
import { systemClock, systemIds } from '../adapters/system/clock.ts'
import { runtimeNameOf } from './agent-rules.ts'
import type { LoadedConfig } from './config/load.ts'
import type { Settings } from './config/settings.ts'
import { createAgents, toolsIn } from './parts/agents.ts'

export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly sentence: string
}

const OLDEST_GIT = [2, 38] as const

/** Reads and tries; writes nothing but a folder of its own that it removes. */
export async function diagnose(
  config: LoadedConfig | { readonly problem: string },
  env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
  const findings = [node(), await git(env)]
  if ('problem' in config) return [...findings, { name: 'configuration', ok: false, sentence: config.problem }]
  const { settings, path } = config
  findings.push({
    name: 'configuration',
    ok: true,
    sentence: `${path} is valid and has ${settings.projects.length} ${settings.projects.length === 1 ? 'project' : 'projects'}`,
  })
  if (settings.projects.length === 0)
    findings.push({
      name: 'projects',
      ok: false,
      sentence: 'No project is configured; add one under `projects`, or run `orch init` in a repository.',
    })
  findings.push(await dataFolder(settings.data_dir), await sandbox(settings.sandbox, env))
  return [...findings, ...(await runtimes(settings, env))]
}

/** Every runtime that a role uses: is its program there, and has it what it needs to be let in? */
async function runtimes(settings: Settings, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const tmpDir = await mkdtemp(join(tmpdir(), 'orch-doctor-'))
  const childEnv = { PATH: env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8' }
  const agents = createAgents({
    processes: createProcesses({ env, tmpDir }),
    settings: () => settings,
    env,
    node: process.execPath,
    folder: { gateway: join(tmpDir, 'gateway'), sessions: join(tmpDir, 'sessions') },
    childEnv,
    tools: toolsIn(childEnv.PATH),
    clock: systemClock,
    ids: systemIds,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  try {
    await agents.gateway.start()
    const names = [...new Set(ROLES.map((role) => runtimeNameOf(settings, role)))]
    return await Promise.all(
      names.map(async (name): Promise<Finding> => {
        const found = await agents.runtime(name).probe()
        const sentence = found.ok ? [`${name} ${found.version}`, ...found.notes].join('; ') : found.sentence
        return { name: 'agent', ok: found.ok, sentence }
      }),
    )
  } finally {
    await agents.gateway.close()
    await rm(tmpDir, { recursive: true, force: true })
  }
}

const node = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 24 || (major === 24 && minor >= 12)
  return {
    name: 'node',
    ok,
    sentence: ok
      ? `Node ${process.versions.node}`
      : `Node ${process.versions.node} is too old; Orch needs 24.12 or newer.`,
  }
}

async function git(env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env: { PATH: env.PATH } })
    const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout)?.slice(1) ?? []).map(Number)
    const ok = major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])
    return {
      name: 'git',
      ok,
      sentence: ok ? stdout.trim() : `${stdout.trim()} is too old; Orch needs Git ${OLDEST_GIT.join('.')} or newer.`,
    }
  } catch {
    return { name: 'git', ok: false, sentence: 'Git was not found on PATH; install Git 2.38 or newer.' }
  }
}

async function dataFolder(dir: string): Promise<Finding> {
  try {
    let parent = dir
    while (!(await exists(parent)) && dirname(parent) !== parent) parent = dirname(parent)
    if (!(await stat(parent)).isDirectory())
      return { name: 'data folder', ok: false, sentence: `${parent} is a file; choose another folder with data_dir.` }
    await access(parent, constants.W_OK | constants.X_OK)
    return { name: 'data folder', ok: true, sentence: `${dir} can be written` }
  } catch {
    return { name: 'data folder', ok: false, sentence: `${dir} cannot be written; choose another with data_dir.` }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function sandbox(wanted: 'on' | 'off', env: NodeJS.ProcessEnv): Promise<Finding> {
  if (wanted === 'off')
    return { name: 'sandbox', ok: true, sentence: 'is off by configuration: agents run with all rights of your user' }
  let tmpDir: string | null = null
  try {
    tmpDir = await mkdtemp(join(tmpdir(), 'orch-doctor-'))
    const answer = await createProcesses({ env, tmpDir }).canSandbox()
    return answer.can
      ? { name: 'sandbox', ok: true, sentence: 'agents and check commands can be isolated' }
      : { name: 'sandbox', ok: false, sentence: answer.why }
  } catch (thrown) {
    return {
      name: 'sandbox',
      ok: false,
      sentence: `could not be tried (${sentenceOf(thrown)}); make ${tmpdir()} writable, or set TMPDIR to a folder that is.`,
    }
  } finally {
    if (tmpDir !== null) await rm(tmpDir, { recursive: true, force: true })
  }
}
