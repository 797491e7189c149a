/** Looks at everything that a push of an agent's commits would publish. Plumbing alone: nothing planted in them is run. */
import { posix } from 'node:path'
import type { FoundSecret, Inspection, PublishLimits } from '../../core/publish.ts'
import { redact } from '../../core/redact.ts'
import { createSecretFinder, type SecretFinder } from '../../core/secrets.ts'
import type { Sha } from '../../core/words.ts'
import { type Change, changesOf } from './changes.ts'
import { type Copy, checkSha } from './copies.ts'
import { oneLine, TooMuchOutput } from './git.ts'
import { contentsOf, sizesOf } from './objects.ts'

const LINK = '120000'
const SUBMODULE = '160000'
/** Read at once, and in all, for each byte that may be added: large files that change often are read often. */
const BATCH_BYTES = 16 * 1024 * 1024
const READS_PER_BYTE = 25
const SECRETS_MAX = 20
/** A link's target that is longer leads nowhere. */
const TARGET_BYTES_MAX = 4096

/** @throws {TransientError} when git takes too long. What is too large to be looked at is told, not thrown. */
export const inspect = async (
  copy: Copy,
  given: Sha,
  head: Sha,
  limits: PublishLimits,
  known: readonly string[],
): Promise<Inspection> => {
  // Branches of the last fetch are published already, with all that they hold.
  const range = [checkSha(head), '--not', checkSha(given), '--branches']
  const commits = Number(await copy.text(['rev-list', '--count', ...range]))
  const nothing = { commits, files: 0, bytes: 0, largest: null, links: [], submodules: [], secrets: [] }
  if (commits === 0) return { ...nothing, isPartial: false }
  if (commits > limits.commits) return { ...nothing, isPartial: true }
  try {
    return await look(copy, range, head, limits, known)
  } catch (thrown) {
    if (thrown instanceof TooMuchOutput) return { ...nothing, isPartial: true }
    throw thrown
  }
}

const look = async (
  copy: Copy,
  range: readonly string[],
  head: Sha,
  limits: PublishLimits,
  known: readonly string[],
): Promise<Inspection> => {
  const finder = createSecretFinder(known)
  const commits = (await copy.text(['rev-list', '--reverse', '--topo-order', ...range])).split('\n')
  const changes = await changesOf(copy, commits)
  const sizes = await sizesOf(copy, [...new Set(changes.flatMap(({ id, before }) => [id, ...before.map((b) => b.id)]))])
  const fresh = await freshObjects(copy, range)
  const news = changes.filter(({ id }) => fresh.has(id))
  const content = await readContent(copy, news, sizes, limits, finder)
  const standing = await standingIn(copy, head, changes)
  // A path, too, may hold a secret.
  const safe = (path: string): string => oneLine(redact(path, known)).slice(0, 300)
  return {
    commits: commits.length,
    files: new Set(changes.map(({ path }) => path)).size,
    bytes: content.bytes,
    largest: news
      .map(({ id, path }) => ({ path: safe(path), bytes: sizes.get(id) ?? 0 }))
      .reduce<Inspection['largest']>((most, one) => (one.bytes > (most?.bytes ?? -1) ? one : most), null),
    links: (await outwardLinks(copy, standing, sizes)).map(safe),
    submodules: standing.filter(isSubmodule).map(({ path }) => safe(path)),
    secrets: [...(await inCommits(copy, commits, finder)), ...content.secrets]
      .slice(0, SECRETS_MAX)
      .map((secret) => ({ ...secret, path: secret.path === null ? null : safe(secret.path) })),
    isPartial: content.isPartial,
  }
}

/** Ids that nothing published holds: a file that was only moved brings nothing new. */
const freshObjects = async (copy: Copy, range: readonly string[]): Promise<ReadonlySet<Sha>> =>
  new Set((await copy.text(['rev-list', '--objects', '--no-object-names', ...range])).split('\n'))

/** Secrets in what a commit itself says: message, author, and whatever else its header carries. */
const inCommits = async (copy: Copy, commits: readonly Sha[], finder: SecretFinder): Promise<FoundSecret[]> => {
  const texts = await contentsOf(copy, commits)
  return commits.flatMap((commit) => found(finder, texts.get(commit)?.toString('utf8') ?? '', commit, null))
}

/** Reads what is new and looks through what was added, until a limit says that it will be refused anyway. */
const readContent = async (
  copy: Copy,
  changes: readonly Change[],
  sizes: ReadonlyMap<Sha, number>,
  limits: PublishLimits,
  finder: SecretFinder,
): Promise<{ bytes: number; secrets: readonly FoundSecret[]; isPartial: boolean }> => {
  const secrets: FoundSecret[] = []
  let [bytes, read] = [0, 0]
  const sizeOf = (id: Sha): number => sizes.get(id) ?? 0
  const looked = new Set<string>()
  const files = changes.filter(({ id, path, mode }) => {
    const isNew = mode !== SUBMODULE && !looked.has(`${id} ${path}`)
    looked.add(`${id} ${path}`)
    if (isNew && sizeOf(id) > limits.fileBytes) bytes += sizeOf(id)
    return isNew && sizeOf(id) <= limits.fileBytes
  })
  for (const batch of batches(
    files,
    ({ id, before }) => sizeOf(id) + before.reduce((sum, b) => sum + sizeOf(b.id), 0),
  )) {
    if (bytes > limits.patchBytes || secrets.length >= SECRETS_MAX) break
    // What stood there before is only read to tell what is new; where it is too large for that, all is.
    const olds = batch
      .flatMap(({ before }) => before.map(({ id }) => id))
      .filter((id) => sizeOf(id) <= limits.fileBytes)
    const ids = [...new Set([...batch.map(({ id }) => id), ...olds])]
    read += ids.reduce((sum, id) => sum + sizeOf(id), 0)
    if (read > READS_PER_BYTE * limits.patchBytes) return { bytes, secrets, isPartial: true }
    const contents = await contentsOf(copy, ids)
    for (const { commit, path, id, before } of batch) {
      const added = addedText(
        contents.get(id),
        before.map((b) => contents.get(b.id)),
      )
      bytes += added.bytes
      secrets.push(...found(finder, path, commit, path), ...found(finder, added.text, commit, path))
    }
  }
  return { bytes, secrets, isPartial: false }
}

const batches = function* <T>(items: readonly T[], sizeOf: (item: T) => number): Generator<readonly T[]> {
  let [batch, bytes]: [T[], number] = [[], 0]
  for (const item of items) {
    if (batch.length > 0 && bytes + sizeOf(item) > BATCH_BYTES) {
      yield batch
      ;[batch, bytes] = [[], 0]
    }
    batch.push(item)
    bytes += sizeOf(item)
  }
  if (batch.length > 0) yield batch
}

/** Lines that none of the old versions has, each at its place; lines that are not new are left empty. */
const addedText = (
  content: Buffer | undefined,
  olds: readonly (Buffer | undefined)[],
): { readonly text: string; readonly bytes: number } => {
  if (content === undefined) return { text: '', bytes: 0 }
  // What is not text is looked through as a whole; without its zeros, so that UTF-16 shows its letters.
  if (content.includes(0)) return { text: content.toString('utf8').replaceAll('\0', ''), bytes: content.length }
  const old = new Set(olds.flatMap((bytes) => bytes?.toString('utf8').split('\n') ?? []))
  const lines = content
    .toString('utf8')
    .split('\n')
    .map((line) => (old.has(line) ? '' : line))
  return { text: lines.join('\n'), bytes: Buffer.byteLength(lines.filter((line) => line !== '').join('\n')) }
}

const found = (finder: SecretFinder, text: string, commit: Sha, path: string | null): FoundSecret[] => {
  const all = finder.spans(text).slice(0, SECRETS_MAX)
  const places = all.map(({ start, kind }) => ({ commit, path, kind, line: text.slice(0, start).split('\n').length }))
  return [...new Map(places.map((place) => [`${place.line} ${place.kind}`, place])).values()]
}

/** Those changes that are still there in the end. */
const standingIn = async (copy: Copy, head: Sha, changes: readonly Change[]): Promise<readonly Change[]> => {
  const special = changes.filter(({ mode, path }) => mode === LINK || mode === SUBMODULE || isModulesFile(path))
  if (special.length === 0) return []
  const listed = await copy.text(['ls-tree', '-r', '-z', '--full-tree', checkSha(head)])
  const entries = new Set(listed.split('\0').map((line) => line.replace(/^(\d+) \w+ (\w+)\t/, '$1 $2 ')))
  const standing = special.filter(({ mode, id, path }) => entries.has(`${mode} ${id} ${path}`))
  return [...new Map(standing.map((change) => [change.path, change])).values()]
}

const isModulesFile = (path: string): boolean => path === '.gitmodules'
const isSubmodule = ({ mode, path, before }: Change): boolean =>
  isModulesFile(path) || (mode === SUBMODULE && !before.some((b) => b.mode === SUBMODULE))

const outwardLinks = async (
  copy: Copy,
  changes: readonly Change[],
  sizes: ReadonlyMap<Sha, number>,
): Promise<readonly string[]> => {
  const links = changes.filter(({ mode }) => mode === LINK)
  const readable = links.filter(({ id }) => (sizes.get(id) ?? 0) <= TARGET_BYTES_MAX)
  const targets = await contentsOf(copy, [...new Set(readable.map(({ id }) => id))])
  return links.filter(({ id, path }) => leadsOut(path, targets.get(id)?.toString('utf8'))).map(({ path }) => path)
}

/** By its text alone: a link through another link that leads out is caught at the other. */
const leadsOut = (path: string, target: string | undefined): boolean => {
  if (target === undefined || posix.isAbsolute(target) || /^[A-Za-z]:|\\/.test(target)) return true
  const end = posix.normalize(posix.join(posix.dirname(path), target))
  return end === '..' || end.startsWith('../') || end.split('/')[0]?.toLowerCase() === '.git'
}
