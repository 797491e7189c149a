import type { Spent } from '../../../src/core/model.ts'
import type { TaskDetail } from '../../../src/core/view.ts'
import { ROLES } from '../../../src/core/words.ts'
import { Panel } from '../parts/panel.tsx'
import { cached, dollars, tokens, tokensIn } from '../words/amounts.ts'
import { capital } from '../words/stages.ts'
import classes from './facts.module.css'

interface Props {
  readonly total: Spent
  readonly byRole: TaskDetail['usageByRole']
}

export const UsageTable = ({ total, byRole }: Props) => (
  <Panel title="Usage" flush>
    <table className={classes.table}>
      <thead className={classes.heads}>
        <tr>
          <th scope="col" className={classes.name}>
            Role
          </th>
          <Head name="Runs" />
          <Head name="In" meaning="Input, cache reads and cache writes" />
          <Head name="Cached" meaning="The part of it that came from the cache or went into it" />
          <Head name="Out" />
          <Head name="Cost" />
        </tr>
      </thead>
      <tbody>{ROLES.map((role) => byRole[role] && <Row key={role} name={capital(role)} spent={byRole[role]} />)}</tbody>
      <tfoot className={classes.sum}>
        <Row name="All" spent={total} />
      </tfoot>
    </table>
  </Panel>
)

const Head = ({ name, meaning }: { name: string; meaning?: string }) => (
  <th scope="col" className={classes.figure} title={meaning}>
    {name}
  </th>
)

const Row = ({ name, spent: { runs, usage } }: { name: string; spent: Spent }) => {
  const figures = {
    runs: String(runs),
    in: tokens(tokensIn(usage)),
    cached: tokens(cached(usage)),
    out: tokens(usage.output),
    cost: dollars(usage.costUsd),
  }
  return (
    <tr>
      <th scope="row" className={classes.name}>
        {name}
      </th>
      {Object.entries(figures).map(([figure, said]) => (
        <td key={figure} className={classes.figure}>
          {said}
        </td>
      ))}
    </tr>
  )
}
