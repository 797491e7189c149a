/** What agents used, as a table. */
import type { UsageRow, UsageView } from '#core/view.ts'
import type { Cell, Paper } from './paper.ts'
import { duration } from './text.ts'
import { countText } from './words.ts'

export function showUsage(paper: Paper, { by, from, to, project, rows, total }: UsageView): void {
  const of = project === null ? '' : ` of ${project}`
  paper.line(`What agents${of} used in runs begun from ${moment(from)} to ${moment(to)} (UTC):`)
  paper.table(
    [
      { title: by.toUpperCase(), least: 12 },
      { title: 'RUNS', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'IN', align: 'right' },
      { title: 'CACHED', align: 'right' },
      { title: 'OUT', align: 'right' },
      { title: 'COST', align: 'right' },
    ],
    rows.length === 0
      ? []
      : [
          ...rows.map((row) => [row.name, ...figures(row)]),
          ...(rows.length === 1 ? [] : [[{ text: 'all', style: 'bold' } as const, ...figures(total)]]),
        ],
    'No agent ran then.',
  )
}

/** A number that no run reported is a dash. */
function figures({ runs, ms, usage }: Omit<UsageRow, 'name'>): readonly Cell[] {
  const { input, cacheRead, cacheCreation, output, costUsd } = usage
  const cached = sum(cacheRead, cacheCreation)
  return [
    String(runs),
    duration(ms),
    countText(sum(input, cached)),
    countText(cached),
    countText(output),
    costUsd === undefined ? '–' : `$${costUsd.toFixed(2)}`,
  ]
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0)

/** `2026-01-31`, and the minute where it is not midnight. */
const moment = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .slice(0, 16)
    .replace(/ 00:00$/, '')
