/**
 * The real `claude` CLI for tests, at a pinned version: fetched from npm on demand into a cache outside the tree. It is
 * nobody's dependency, because its licence lets everybody install it and nobody pass it on.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const CLI_VERSION = '2.1.330'

export interface FetchOptions {
  /** Of the caller: PATH, HOME, XDG_CACHE_HOME and what npm reads. ORCH_TEST_CLAUDE names a program to be used instead. */
  readonly env: NodeJS.ProcessEnv
  readonly platform: string
  readonly arch: string
  readonly isMusl: boolean
  readonly version?: string
  /** Hears that a download begins: it takes a while. */
  readonly say?: (sentence: string) => void
}

const run = promisify(execFile)

/** Path of the program, verified to be that version. Throws an Error with one sentence where it cannot be had. */
export async function fetchCli(options: FetchOptions): Promise<string> {
  const { env, version = CLI_VERSION } = options
  const own = env.ORCH_TEST_CLAUDE
  if (own !== undefined && own !== '') {
    if (await isVersion(own, version)) return own
    throw new Error(
      `ORCH_TEST_CLAUDE is ${own}, which is no claude CLI ${version}; unset it, and it is fetched from npm.`,
    )
  }
  const cache = join(env.XDG_CACHE_HOME || join(env.HOME || '/', '.cache'), 'orch-test', `claude-code-${version}`)
  const there = join(cache, ...programPath(options))
  if (await isVersion(there, version)) return there
  options.say?.(`Fetching the claude CLI ${version} from npm into ${cache} (about 400 MB, once).`)
  await mkdir(dirname(cache), { recursive: true })
  const attempt = await mkdtemp(join(dirname(cache), `.${basename(cache)}-`))
  try {
    await install(attempt, version, env)
    const made = join(attempt, ...programPath(options))
    if (!(await isVersion(made, version)))
      throw new Error(
        `npm installed the claude CLI ${version}, but its program for ${platformKey(options)} is missing or does not run; set ORCH_TEST_CLAUDE to the path of one that does.`,
      )
    await take(attempt, cache, () => isVersion(there, version))
    return there
  } finally {
    await rm(attempt, { recursive: true, force: true })
  }
}

/** Install scripts may be off, so the platform's own package is used, and nothing that a script would have linked. */
const programPath = (options: FetchOptions): readonly string[] => [
  ...['node_modules', '@anthropic-ai', `claude-code-${platformKey(options)}`],
  options.platform === 'win32' ? 'claude.exe' : 'claude',
]

const platformKey = ({ platform, arch, isMusl }: FetchOptions): string =>
  `${platform}-${arch}${platform === 'linux' && isMusl ? '-musl' : ''}`

async function isVersion(program: string, version: string): Promise<boolean> {
  try {
    const { stdout } = await run(program, ['--version'], { env: { PATH: '/usr/bin:/bin' }, timeout: 30_000 })
    return stdout.trim().split(' ')[0] === version
  } catch {
    return false
  }
}

async function install(dir: string, version: string, env: NodeJS.ProcessEnv): Promise<void> {
  const flags = [
    '--ignore-scripts',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--loglevel=error',
  ]
  try {
    await run('npm', ['install', '--prefix', dir, ...flags, `@anthropic-ai/claude-code@${version}`], {
      cwd: dir,
      env,
      timeout: 600_000,
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch (thrown) {
    const { code, stderr = '' } = thrown as { code?: unknown; stderr?: string }
    const why = code === 'ENOENT' ? 'there is no npm in PATH' : stderr.replace(/\s+/g, ' ').trim().slice(0, 200)
    throw new Error(
      `The claude CLI ${version} could not be fetched from npm (${why || String(code)}); set ORCH_TEST_CLAUDE to the path of one that is installed.`,
    )
  }
}

/** Whole or not at all; who comes second takes what is there, and what does not work makes way. */
async function take(attempt: string, cache: string, isThere: () => Promise<boolean>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await rename(attempt, cache)
    } catch (thrown) {
      if (await isThere()) return
      if (tries === 3) throw thrown
      await rm(cache, { recursive: true, force: true })
    }
  }
}
