/** What is wrong with a configuration, told all at once. */
import { basename } from 'node:path'
import { UserError } from '#core/errors.ts'
import type { SettingPath } from './setting-tree.ts'

/** One thing that is wrong. At most one of `line` (counted from 1) and `variable` says where. */
export interface Problem {
  readonly line?: number
  readonly variable?: string
  readonly text: string
}

/** A configuration that cannot be used. Its message: one sentence; where there are several problems, then a line each. */
export class ConfigError extends UserError {
  readonly path: string
  /** Each with its place: `orch.config.yaml:12: unknown key …`. */
  readonly problems: readonly string[]

  constructor(path: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => (a.line ?? 1e9) - (b.line ?? 1e9))
    const lines = [...new Set(sorted.map((one) => placed(path, one)))]
    const [only] = sorted
    super(
      only !== undefined && lines.length === 1
        ? `${placeOf(path, only)} cannot be used: ${only.text}.`
        : [
            `${path} cannot be used because of ${lines.length} problems; correct what follows, then try \`orch config check\`.`,
            ...lines,
          ].join('\n'),
    )
    this.path = path
    this.problems = lines
  }
}

/** `orch.config.yaml:12: …`, or `ORCH_SERVER_PORT: …`. */
export const placed = (path: string, problem: Problem): string => `${placeOf(basename(path), problem)}: ${problem.text}`

const placeOf = (path: string, { line, variable }: Problem): string =>
  variable ?? `${path}${line === undefined ? '' : `:${line}`}`

/** Where each value came from: a line of the file, a variable, or both (`$NAME` in a line). */
export interface Origin {
  readonly line?: number
  readonly variable?: string
}

export interface Origins {
  set(path: SettingPath, origin: Origin): void
  /** That of the value itself, or of the nearest section around it. */
  of(path: SettingPath): Origin
  /** The line where a name stands, whatever its value. */
  setKey(path: SettingPath, line: number): void
  lineOfKey(path: SettingPath): number | undefined
}

export function createOrigins(): Origins {
  const values = new Map<string, Origin>()
  const keys = new Map<string, number>()
  const id = (path: SettingPath) => JSON.stringify(path)
  return {
    set: (path, origin) => void values.set(id(path), origin),
    of(path) {
      for (let length = path.length; length >= 0; length--) {
        const found = values.get(id(path.slice(0, length)))
        if (found) return found
      }
      return {}
    },
    setKey: (path, line) => void keys.set(id(path), line),
    lineOfKey: (path) => keys.get(id(path)),
  }
}
