/** Finds what a person meant. */

/**
 * The one of `names` that is the fewest edits away from `name` (inserted, dropped, changed or swapped neighbouring
 * letters, capitals aside), or null where none is near enough to be meant.
 */
export function nearest(name: string, names: Iterable<string>): string | null {
  if (name.length > 100) return null
  let best: { name: string; distance: number } | null = null
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (best === null || distance < best.distance) best = { name: candidate, distance }
  }
  if (best === null) return null
  return best.distance <= Math.max(1, Math.floor(Math.max(name.length, best.name.length) / 3)) ? best.name : null
}

/** The optimal string alignment distance, row by row. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : change
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
