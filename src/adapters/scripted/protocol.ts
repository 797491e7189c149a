/** What the scripted program prints: one JSON object a line. Anything else on its output is only logged. */

export type ScriptLine =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'result'; readonly text: string }
  | { readonly is: 'question'; readonly text: string }
  | { readonly is: 'overloaded'; readonly retryAfterMs: number }

export function parseLine(line: string): ScriptLine | null {
  try {
    const value = JSON.parse(line) as Record<string, unknown> | null
    if (value === null || typeof value !== 'object') return null
    if (value.is === 'overloaded')
      return typeof value.retryAfterMs === 'number' ? { is: 'overloaded', retryAfterMs: value.retryAfterMs } : null
    if (typeof value.text !== 'string') return null
    return value.is === 'text' || value.is === 'result' || value.is === 'question'
      ? { is: value.is, text: value.text }
      : null
  } catch {
    return null
  }
}
