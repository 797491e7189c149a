import type { UsageRow, UsageView } from '../../../src/core/view.ts'
import { cached, dollars, tokens, tokensIn } from '../words/amounts.ts'
import { plain } from '../words/plain.ts'
import { capital } from '../words/stages.ts'
import { span } from '../words/times.ts'
import classes from './usage-page.module.css'

/** One line for each sum; a number that no run reported is a dash. */
export const UsageSums = ({ usage }: { usage: UsageView }) => (
  <table className={classes.table}>
    <thead>
      <tr>
        <th scope="col">{capital(usage.by)}</th>
        <th scope="col">Runs</th>
        <th scope="col" className={classes.more}>
          Time
        </th>
        <th scope="col" title="Input, cache reads and cache writes">
          In
        </th>
        <th scope="col" className={classes.more} title="The part of it that came from the cache or went into it">
          Cached
        </th>
        <th scope="col">Out</th>
        <th scope="col">Cost</th>
      </tr>
    </thead>
    <tbody>
      {usage.rows.map((row) => (
        <Sum key={row.name} name={plain(row.name)} row={row} />
      ))}
    </tbody>
    <tfoot>
      <Sum name="All" row={usage.total} />
    </tfoot>
  </table>
)

const Sum = ({ name, row: { runs, ms, usage } }: { name: string; row: Omit<UsageRow, 'name'> }) => (
  <tr>
    <th scope="row" className="foreign">
      {name}
    </th>
    <td>{runs}</td>
    <td className={classes.more}>{span(ms)}</td>
    <td>{tokens(tokensIn(usage))}</td>
    <td className={classes.more}>{tokens(cached(usage))}</td>
    <td>{tokens(usage.output)}</td>
    <td>{dollars(usage.costUsd)}</td>
  </tr>
)
