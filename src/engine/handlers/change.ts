/** What a run did to the branch, read from Git and from nothing else. */
import { createHash } from 'node:crypto'
import { matchesGlob } from 'node:path'
import { type ArtefactFact, type ChangeFact, holds } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import { artefactFolder } from '#core/naming.ts'
import { artefactPath } from '#core/prompt.ts'
import { ARTEFACTS, type ArtefactName, type Role, type RunId, type Sha } from '#core/words.ts'
import { readFrontMatter } from '../front-matter.ts'
import type { Repositories } from '../ports/repositories.ts'

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Source of the rule: any role but the developer changes only the task's folder; the architect also decision records. */
export function outsideOf(paths: readonly string[], role: Role, key: string): readonly string[] {
  const own = artefactFolder(key)
  const analysis = `${own}${ARTEFACTS.analysis}`
  return paths.filter((path) => {
    if (path === analysis) return role !== 'analyst'
    if (role === 'developer' || path.startsWith(own)) return false
    return !(role === 'architect' && path.startsWith('docs/adr/'))
  })
}

export function contentOf(paths: readonly string[], key: string): ChangeFact['content'] {
  if (paths.length === 0) return 'nothing'
  return paths.every((path) => path.startsWith(artefactFolder(key))) ? 'artefacts' : 'code'
}

export async function observeChange(
  repositories: Repositories,
  task: Task,
  {
    run,
    role,
    given,
    head,
    base,
    protectedPaths,
  }: { run: RunId; role: Role; given: Sha; head: Sha; base: Sha; protectedPaths: readonly string[] },
): Promise<ChangeFact> {
  const changed = await repositories.changedPaths(task.repo, given, head)
  const fork = (await repositories.mergeBase(task.repo, base, head)) ?? base
  const whole = await repositories.changedPaths(task.repo, fork, head)
  const guarded = whole.filter((path) => protectedPaths.some((pattern) => matchesGlob(path, pattern)))
  return {
    run,
    given,
    head,
    content: contentOf(changed, task.key),
    outside: outsideOf(changed, role, task.key),
    ahead: await repositories.countBetween(task.repo, base, head),
    protectedPaths: guarded,
    diffDigest: guarded.length === 0 ? 'none' : await repositories.diffDigest(task.repo, fork, head, guarded),
  }
}

/** Documents that judge the content they were written on. */
const JUDGES: readonly ArtefactName[] = ['review', 'test']

/** The document a run owed, as it stands in the commit that the run made; it counts only if this run wrote it. */
export async function observeArtefact(
  repositories: Repositories,
  task: Task,
  artefact: ArtefactName,
  { run, given, head }: { run: RunId; given: Sha; head: Sha },
): Promise<ArtefactFact> {
  const path = artefactPath(task, artefact)
  const text = await repositories.readFile(task.repo, head, path)
  const fact = { run, sha: given, digest: digestOf(text ?? ''), frontMatter: {} }
  if (text === null) return { ...fact, problem: 'it is missing or is not a readable text file' }
  const before = task.evidence.artefacts[artefact]
  // A verdict that was written on other content is not this run's word, though it stands there letter for letter.
  const isSame = before?.problem === null && before.digest === fact.digest
  const isKept = isSame && (!JUDGES.includes(artefact) || holds(task, before))
  const wasWritten = isKept || (await repositories.changedPaths(task.repo, given, head)).includes(path)
  if (!wasWritten) return { ...fact, problem: 'it was there before and this run did not write it anew' }
  const read = readFrontMatter(text)
  return 'problem' in read ? { ...fact, problem: read.problem } : { ...fact, frontMatter: read.data, problem: null }
}
