/**
 * Takes over what an agent left. Whatever its repository may run (hooks, filters, helpers) runs in the workspace's own
 * isolation, and all that comes out is one file of objects and the name of a commit, both checked before they count.
 */
import { lstat, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Processes } from '../../engine/ports/processes.ts'
import type { Author, Collected, Workspace } from '../../engine/ports/repositories.ts'
import { COMMIT_AND_PACK } from './collect-script.ts'
import type { Copy } from './copies.ts'
import { HARDENED, OVERRIDES, oneLine } from './git.ts'
import { isAncestor } from './history.ts'
import { importPack, kindOf, PACK_BYTES_MAX, refused } from './import-pack.ts'
import { labelOf } from './layout.ts'
import { authorEnv } from './trees.ts'

const TIMEOUT_MS = 10 * 60_000

interface Tools {
  readonly processes: Processes
  readonly env: Readonly<Record<string, string | undefined>>
  readonly copy: Copy
}

interface What {
  readonly branch: string
  readonly message: string
  readonly by: Author
}

/** Git's environment inside the workspace: our hardening, in the form that the environment can carry. */
const gitEnv = (workspace: Workspace, by: Author): Readonly<Record<string, string>> => {
  // What counts is what arrives in the copy; there it is written for good.
  const overrides = Object.entries({ ...OVERRIDES, 'core.fsync': 'none' })
  return {
    ...HARDENED,
    ...authorEnv(by),
    GIT_CONFIG_COUNT: String(overrides.length),
    ...Object.fromEntries(
      overrides.flatMap(([name, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, name],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
    GIT_DIR: join(workspace.dir, '.git'),
    GIT_WORK_TREE: workspace.dir,
    HOME: workspace.home,
    TMPDIR: workspace.tmp,
  }
}

/** Runs the script in the workspace; its pack goes to `out`, which is shown for this alone. Returns its verdict. */
const commitAndPack = async (tools: Tools, workspace: Workspace, out: string, what: What): Promise<string> => {
  const { sandbox } = workspace
  const last = { stdout: '', stderr: '' }
  const max = String(PACK_BYTES_MAX)
  const result = await tools.processes.start({
    argv: ['sh', '-c', COMMIT_AND_PACK, 'sh', what.branch, workspace.given, out, what.message, max],
    cwd: workspace.dir,
    env: { ...(tools.env.PATH === undefined ? {} : { PATH: tools.env.PATH }), ...gitEnv(workspace, what.by) },
    sandbox: sandbox.is === 'off' ? sandbox : { ...sandbox, writable: [...sandbox.writable, out] },
    timeoutMs: TIMEOUT_MS,
    graceMs: 0,
    tailBytes: 500,
    onLine(line, stream) {
      last[stream] = oneLine(line) || last[stream]
    },
  }).result
  if (result.ended !== 'exited') return `refused the workspace's git ${result.ended} (${oneLine(result.tail)})`
  return last.stdout.startsWith('refused ') && last.stderr !== ''
    ? `${last.stdout} (${last.stderr.slice(0, 300)})`
    : last.stdout
}

/** Commits what is left on `branch` and imports it; it is kept at `refs/runs/<label>`. */
export const collect = async (tools: Tools, workspace: Workspace, what: What): Promise<Collected> => {
  const { copy } = tools
  if ((await kindOf(workspace.dir)) !== 'folder' || (await kindOf(join(workspace.dir, '.git'))) !== 'folder')
    return refused('workspace-gone', `There is no repository left in ${workspace.dir}.`)
  for (const folder of [workspace.home, workspace.tmp]) await mkdir(folder, { recursive: true })
  // Made now, beside the workspace: the agent had no chance to put anything in its place.
  const out = await mkdtemp(join(dirname(workspace.dir), 'out-'))
  try {
    const said = await commitAndPack(tools, workspace, out, what)
    const pack = join(out, 'pack')
    const size = (await lstat(pack).catch(() => null))?.size ?? 0
    const large = /^large (.*)/.exec(said)?.[1]
    if (large !== undefined || size > PACK_BYTES_MAX)
      return refused(
        'too-large',
        `The work${large === undefined ? '' : `, ${large.slice(0, 300)},`} is larger than ${PACK_BYTES_MAX / 1024 / 1024} MiB; large files do not belong in the repository.`,
      )
    const head = /^head ([0-9a-f]{40}|[0-9a-f]{64})$/.exec(said)?.[1]
    if (head === undefined) {
      const why = /^refused (.*)/.exec(said)?.[1] ?? 'its git said nothing that is understood'
      return refused('unreadable', `What the workspace holds cannot be taken over: ${why}.`)
    }
    const trouble = head === workspace.given ? null : await importPack(copy, pack, head)
    if (trouble !== null) return refused('unreadable', trouble)
    if (!(await isAncestor(copy, workspace.given, head)))
      return refused(
        'history-rewritten',
        `${what.branch} no longer contains ${workspace.given.slice(0, 10)}, the commit it was given.`,
      )
    await copy.text(['update-ref', '--', `refs/runs/${labelOf(workspace.dir)}`, head])
    return { is: 'collected', head }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}
