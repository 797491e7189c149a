/** Lines for people: colours where they are wanted, and tables that fit the terminal. */
import type { Terminal } from './shell.ts'
import { cut, displayWidth, pad, padLeft, plain } from './text.ts'

export type Style = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow'

const CODES: Readonly<Record<Style, number>> = { plain: 0, bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }

/** A cell's text comes from anywhere and is made harmless here. */
export type Cell = string | { readonly text: string; readonly style: Style }

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** May be cut to this many columns where the table is too wide. */
  readonly least?: number
}

export interface Paper {
  line(...cells: readonly Cell[]): void
  /** A title, set off from what is above. */
  heading(text: string): void
  /** @param empty is written instead where there are no rows. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[], empty?: string): void
}

const GAP = 2

export function paperOf({ out, width, colour }: Terminal): Paper {
  const paint = (text: string, style: Style) =>
    colour && style !== 'plain' && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
  const split = (cell: Cell) => (typeof cell === 'string' ? { text: cell, style: 'plain' as const } : cell)

  const table: Paper['table'] = (columns, rows, empty) => {
    if (rows.length === 0) {
      if (empty !== undefined) out(`${empty}\n`)
      return
    }
    const cells = rows.map((row) => row.map((cell) => ({ ...split(cell), text: plain(split(cell).text) })))
    const widths = fit(
      columns.map(({ title, least }, index) => ({
        width: Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index]?.text ?? ''))),
        least,
      })),
      width,
    )
    const write = (row: readonly { text: string; style: Style }[]) => {
      const parts = columns.map(({ align }, index) => {
        const { text, style } = row[index] ?? { text: '', style: 'plain' as const }
        const shown = cut(text, widths[index] ?? 0)
        const isLast = index === columns.length - 1
        const set =
          align === 'right' ? padLeft(shown, widths[index] ?? 0) : isLast ? shown : pad(shown, widths[index] ?? 0)
        return paint(set, style)
      })
      out(`${parts.join(' '.repeat(GAP)).trimEnd()}\n`)
    }
    if (columns.some(({ title }) => title !== '')) write(columns.map(({ title }) => ({ text: title, style: 'dim' })))
    for (const row of cells) write(row)
  }

  return {
    line: (...cells) =>
      out(
        `${cells
          .map(split)
          .map(({ text, style }) => paint(plain(text, 5000), style))
          .join(' ')
          .trimEnd()}\n`,
      ),
    heading: (text) => out(`\n${paint(plain(text), 'bold')}\n`),
    table,
  }
}

/** The widest that may give way gives way, until the line fits or nothing may. */
function fit(columns: readonly { width: number; least: number | undefined }[], width: number): readonly number[] {
  const widths = columns.map((column) => column.width)
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1)
  while (total() > width) {
    let widest = -1
    for (const [index, { least }] of columns.entries()) {
      const has = widths[index] ?? 0
      if (least !== undefined && has > least && has > (widths[widest] ?? 0)) widest = index
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
