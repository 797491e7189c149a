/** What may leave the house: limits on what an agent's commits bring, and the sentence that refuses the rest. */
import type { Sha } from './words.ts'

export interface PublishLimits {
  /** Of all that is added, over all commits. */
  readonly patchBytes: number
  readonly fileBytes: number
  /** Files that are added or changed, over all commits. */
  readonly files: number
  readonly commits: number
}

const MIB = 1024 * 1024
export const PUBLISH_LIMITS: PublishLimits = { patchBytes: 10 * MIB, fileBytes: 5 * MIB, files: 2_000, commits: 1_000 }

/**
 * What commits bring that is not published yet. A commit counts also where a later one takes its content back: what was
 * pushed once can be read for ever. Paths are safe to be shown.
 */
export interface Inspection {
  readonly commits: number
  readonly files: number
  /** Added lines of text, and the whole of everything else. */
  readonly bytes: number
  /** The largest new file; null where there is none. */
  readonly largest: { readonly path: string; readonly bytes: number } | null
  /** Symbolic links, as they stand in the end, that are absolute or lead out of the repository. */
  readonly links: readonly string[]
  /** Submodules that are new in the end, and changed lists of them. */
  readonly submodules: readonly string[]
  readonly secrets: readonly FoundSecret[]
  /** The limits were so far exceeded that the rest was not looked at. */
  readonly isPartial: boolean
}

/** `path` is null in a commit's own text: message, author. `kind` never quotes what was found. */
export interface FoundSecret {
  readonly commit: Sha
  readonly path: string | null
  readonly line: number
  readonly kind: string
}

export type PublishCode = 'secret' | 'too-large' | 'symlink' | 'submodule'

/** Why it may not be published; null where it may. A secret is told before everything else: somebody has to act on it. */
export function publishProblem(
  { commits, files, bytes, largest, links, submodules, secrets, isPartial }: Inspection,
  limits: PublishLimits,
): { readonly code: PublishCode; readonly sentence: string } | null {
  const [secret] = secrets
  if (secret !== undefined)
    return {
      code: 'secret',
      sentence: `${placeOf(secret)} holds ${secret.kind}${others(secrets.length)}; nothing was published.`,
    }
  const tooLarge = (sentence: string) => ({ code: 'too-large', sentence }) as const
  if (commits > limits.commits)
    return tooLarge(`The work has ${commits} commits, ${limits.commits} are allowed; fewer and larger ones will do.`)
  if (largest !== null && largest.bytes > limits.fileBytes)
    return tooLarge(
      `${largest.path} has ${size(largest.bytes)}, ${size(limits.fileBytes)} are allowed for a file; large files do not belong in the repository.`,
    )
  if (files > limits.files)
    return tooLarge(
      `The work adds or changes ${files} files, ${limits.files} are allowed; built and installed files do not belong in the repository.`,
    )
  if (bytes > limits.patchBytes)
    return tooLarge(
      `The work adds ${size(bytes)}, ${size(limits.patchBytes)} are allowed; built and installed files do not belong in the repository.`,
    )
  if (isPartial) return tooLarge('The work is so large that it could not be looked through, so it was not published.')
  const [link] = links
  if (link !== undefined)
    return {
      code: 'symlink',
      sentence: `The symbolic link ${link}${others(links.length)} leads out of the repository; only links within it are allowed.`,
    }
  const [submodule] = submodules
  if (submodule !== undefined)
    return {
      code: 'submodule',
      sentence: `${submodule}${others(submodules.length)} would add or redirect a submodule; code of another repository is not taken in unseen.`,
    }
  return null
}

const placeOf = ({ commit, path, line }: FoundSecret): string =>
  path === null
    ? `The message of the commit ${commit.slice(0, 10)}`
    : `Line ${line} of ${path} in the commit ${commit.slice(0, 10)}`
const others = (count: number): string =>
  count <= 1 ? '' : ` (and there ${count === 2 ? 'is one more' : `are ${count - 1} more`})`
const size = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(Math.ceil((bytes / MIB) * 10) / 10).toString()} MiB`
