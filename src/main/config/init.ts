/** `orch init`: writes a configuration for the repository a person stands in, or refuses and leaves nothing behind. */
import { randomUUID } from 'node:crypto'
import { lstat, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '#core/errors.ts'
import type { Env } from './environment.ts'
import { parseConfig } from './load.ts'
import { CONFIG_NAME } from './locate.ts'
import { renderConfig } from './render.ts'
import { describeRepository, type RepositoryFacts } from './repository.ts'

export { describeRepository, type RepositoryFacts, renderConfig }

export interface InitOptions {
  /** The folder a person stands in: the repository's, or one below it. */
  readonly dir: string
  readonly env: Env
  /** Replace a configuration that is there. */
  readonly force: boolean
}

export interface InitOutcome {
  readonly path: string
  readonly facts: RepositoryFacts
  /** Sentences for the person: what was guessed, what is left to do. */
  readonly notes: readonly string[]
}

/** @throws {UserError} one sentence where there is nothing to write for, or no way to write it. */
export async function initConfig({ dir, env, force }: InitOptions): Promise<InitOutcome> {
  const facts = await describeRepository(dir, env)
  const path = join(facts.root, CONFIG_NAME)
  if (!force && (await lstat(path).catch(() => null)))
    throw new UserError(
      `${path} is there already and was left as it is; edit it, or replace it with \`orch init --force\`.`,
    )
  const text = renderConfig(facts, { schemaRef: await schemaBeside(facts.root) })
  // Refused here rather than at the first start; nothing of the environment may decide over what is written.
  parseConfig(text, { path, env: {} })
  await writeWhole(path, text)
  return { path, facts, notes: notesOn(facts) }
}

const SCHEMA = 'node_modules/orch/schema/orch.config.schema.json'
const schemaBeside = async (root: string): Promise<string | null> =>
  (await stat(join(root, SCHEMA)).catch(() => null))?.isFile() ? `./${SCHEMA}` : null

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {})
    const { code = String(thrown) } = thrown as NodeJS.ErrnoException
    throw new UserError(`${path} could not be written (${REASONS[code] ?? code}); nothing was changed.`)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there; make the folder writable',
  EPERM: 'this user may not write there; make the folder writable',
  EROFS: 'the file system is read-only; work in a copy elsewhere',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the disk quota is used up; make room',
  EISDIR: 'a folder of that name is there; move it away',
}

function notesOn(facts: RepositoryFacts): readonly string[] {
  const { base, baseFrom, check, person, dirty, detached } = facts
  return [
    ...(detached
      ? [`No branch is checked out here; tasks would be merged into "${base}": set base if that is wrong.`]
      : []),
    ...(!detached && baseFrom !== 'origin'
      ? [
          `Tasks are merged into "${base}"${baseFrom === 'checked-out' ? ', the branch you are on' : ''}; set base if that is wrong.`,
        ]
      : []),
    check.from === null
      ? 'Nothing here told how this repository is checked; put its test command into check before you rely on it.'
      : `The check command is \`${check.command}\`, guessed from ${check.from}; set check if that is wrong.`,
    ...(person === null ? ['Git knows no user.name here, so nobody may approve yet; add names under people.'] : []),
    ...(dirty ? ['Some of your changes are in no commit; Orch works from commits alone and will not see them.'] : []),
  ]
}
