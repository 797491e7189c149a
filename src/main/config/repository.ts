/** What `orch init` finds out about the Git repository a person stands in. */
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '#core/errors.ts'
import { oneLine } from '#core/naming.ts'
import { type GuessedCheck, guessCheck } from './check-command.ts'
import type { Env } from './environment.ts'
import { type Git, gitIn } from './git.ts'

export interface RepositoryFacts {
  /** Top folder of the work tree, absolute. */
  readonly root: string
  /** Name for the repository in the forge, made from the folder's. */
  readonly repo: string
  /** Id for the project, made likewise. */
  readonly project: string
  readonly keyPrefix: string
  readonly base: string
  readonly baseFrom: 'origin' | 'checked-out' | 'guess'
  readonly check: GuessedCheck
  /** Git's user.name; null where there is none. */
  readonly person: string | null
  /** The work tree holds what is in no commit. */
  readonly dirty: boolean
  readonly detached: boolean
}

/** @throws {UserError} where `dir` is in no repository that Orch could work on. */
export async function describeRepository(dir: string, env: Env): Promise<RepositoryFacts> {
  const facts = await stat(dir).catch(() => null)
  if (!facts?.isDirectory())
    throw new UserError(`There is no folder ${dir}; go into your Git repository and try again.`)
  const git = gitIn(dir, env)
  const root = await topOf(git, dir)
  const current = (await git('symbolic-ref', '--quiet', '--short', 'HEAD')).out || null
  if ((await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')).code !== 0) {
    if ((await git('rev-parse', '--verify', '--quiet', 'HEAD')).code === 0)
      throw new UserError(`The newest commit of ${root} cannot be read; check that repository with \`git fsck\`.`)
    throw new UserError(
      current === null
        ? `${root} has no commit to begin with; commit something there, then run \`orch init\` again.`
        : `The branch "${current}" of ${root} has no commit yet; make a first one, then run \`orch init\` again.`,
    )
  }
  if ((await git('rev-parse', '--is-shallow-repository')).out === 'true')
    throw new UserError(
      `${root} holds only a part of its history; run \`git fetch --unshallow\`, then \`orch init\` again.`,
    )
  const inRoot = gitIn(root, env)
  const { base, baseFrom } = await baseOf(inRoot, current)
  const folder = basename(root)
  const person = oneLine((await inRoot('config', '--get', 'user.name')).out, 80)
  return {
    root,
    repo: repoName(folder),
    project: projectId(folder),
    keyPrefix: keyPrefix(folder),
    base,
    baseFrom,
    check: await guessCheck(root),
    person: person === '' ? null : person,
    dirty: (await inRoot('status', '--porcelain', '--ignore-submodules=all')).out !== '',
    detached: current === null,
  }
}

async function topOf(git: Git, dir: string): Promise<string> {
  const inside = await git('rev-parse', '--is-bare-repository', '--is-inside-work-tree')
  if (/dubious ownership/.test(inside.err)) {
    throw new UserError(
      `The repository at ${dir} belongs to another user; run \`orch init\` as that user, or in a copy of your own.`,
    )
  }
  if (inside.code !== 0)
    throw new UserError(
      `${dir} is in no Git repository; go into yours, or make one with \`git init\` and a first commit.`,
    )
  const [bare, work] = inside.out.split('\n')
  if (bare === 'true')
    throw new UserError(`${dir} is a bare repository, where no file can lie; run \`orch init\` in a clone of it.`)
  if (work !== 'true')
    throw new UserError(`${dir} lies inside a .git folder; go into the repository's own folder and try again.`)
  return realpath((await git('rev-parse', '--show-toplevel')).out)
}

/** A branch that exists here: origin's default, else the one that is checked out, else the likeliest. */
async function baseOf(git: Git, current: string | null): Promise<Pick<RepositoryFacts, 'base' | 'baseFrom'>> {
  const branches = (await git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads')).out
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('orch/'))
  const origin = (await git('symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD')).out.replace(
    /^refs\/remotes\/origin\//,
    '',
  )
  if (origin !== '' && branches.includes(origin)) return { base: origin, baseFrom: 'origin' }
  if (current !== null && branches.includes(current)) return { base: current, baseFrom: 'checked-out' }
  const likely = ['main', 'master'].find((name) => branches.includes(name)) ?? branches[0]
  if (likely === undefined)
    throw new UserError(
      'This repository has commits but no branch of its own; make one with `git switch -c main`, then run `orch init` again.',
    )
  return { base: likely, baseFrom: 'guess' }
}

const repoName = (folder: string): string =>
  plain(folder, /[^a-z0-9._-]+/g)
    .slice(0, 100)
    .replace(/[^a-z0-9]+$/, '') || 'project'
const projectId = (folder: string): string =>
  plain(folder, /[^a-z0-9-]+/g)
    .slice(0, 50)
    .replace(/-+$/, '') || 'project'
const plain = (text: string, others: RegExp): string =>
  withoutAccents(text)
    .toLowerCase()
    .replace(others, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
/** SHOP for a folder shop, MYSHOP for my-shop; TASK where no letter can begin it. */
const keyPrefix = (folder: string): string =>
  withoutAccents(folder)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .replace(/^[0-9]+/, '')
    .slice(0, 10) || 'TASK'

const withoutAccents = (text: string): string => text.normalize('NFD').replace(/\p{Mn}/gu, '')
