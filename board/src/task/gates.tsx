import type { GateView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { short } from '../words/amounts.ts'
import { plain } from '../words/plain.ts'
import { STAGE_TITLES } from '../words/stages.ts'
import type { Status } from '../words/status.ts'
import classes from './rows.module.css'

const VERDICTS: Readonly<Record<GateView['verdict'], Status>> = {
  pass: { label: 'Pass', tone: 'good', icon: 'done' },
  fail: { label: 'Fail', tone: 'bad', icon: 'cancelled' },
  pending: { label: 'Pending', tone: 'waiting', icon: 'waiting' },
  human: { label: 'Person', tone: 'bad', icon: 'held' },
}

/** Each gate as it was last judged, in the order of the pipeline. */
export const Gates = ({ gates }: { gates: readonly GateView[] }) =>
  gates.length === 0 ? (
    <Nothing>No gate has been judged yet.</Nothing>
  ) : (
    <ul className={classes.rows}>
      {gates.map((gate) => (
        <li key={`${gate.stage} ${gate.gate}`} className={classes.row} data-lead>
          <span className={classes.lead}>
            <StatusBadge status={VERDICTS[gate.verdict]} />
          </span>
          <div className={classes.main}>
            <div className={classes.title}>
              <strong>{gate.gate}</strong> <span className="dim">{STAGE_TITLES[gate.stage]}</span>
            </div>
            <div className="foreign">{plain(gate.sentence)}</div>
            <div className={classes.small}>Passes when {gate.describe}</div>
          </div>
          <div className={classes.end}>
            {gate.sha !== null && <Copyable value={gate.sha} shown={short(gate.sha)} label="the commit" />}
            <span className={classes.small}>
              <Ago at={gate.at} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  )
