/** Lock files whose git was killed together with an earlier Orch: nobody will ever remove them but us. */
import { rm, stat } from 'node:fs/promises'

/**
 * Removes the locks that git names in its complaint, if they are older than `before` (milliseconds since the epoch): a
 * process of ours cannot have made them, and one of a killed Orch cannot live. Tells whether any was removed.
 */
export const clearStaleLocks = async (complaint: string, before: number): Promise<boolean> => {
  let removed = false
  for (const [, path] of complaint.matchAll(/Unable to create '([^']+\.lock)': File exists/g)) {
    const lock = await stat(path!).catch(() => null)
    if (lock === null || lock.mtimeMs >= before) continue
    await rm(path!, { force: true })
    removed = true
  }
  return removed
}
