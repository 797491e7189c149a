import type { BreakerView, QueueView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { useTextOfTime } from '../parts/use-text-of-time.ts'
import { plain } from '../words/plain.ts'
import type { Status } from '../words/status.ts'
import { span } from '../words/times.ts'
import classes from './queue-page.module.css'

const STATUS: Readonly<Record<Exclude<BreakerView['state'], 'closed'>, Status>> = {
  open: { label: 'Not asked', tone: 'bad', icon: 'held' },
  'half-open': { label: 'Being tried', tone: 'waiting', icon: 'running' },
}

/** Providers of models that are not asked as usual. */
export function Breakers({ breakers }: { breakers: QueueView['breakers'] }) {
  const troubled = breakers.flatMap((breaker) =>
    breaker.state === 'closed' ? [] : [{ breaker, status: STATUS[breaker.state] }],
  )
  return (
    troubled.length > 0 && (
      <Panel title="Circuit breakers" flush>
        <ul className={classes.rows}>
          {troubled.map(({ breaker, status }) => (
            <li key={breaker.provider}>
              <strong className="foreign">{plain(breaker.provider)}</strong>
              <span>
                <StatusBadge status={status} />
              </span>
              <span className={`${classes.wide} foreign`}>
                {plain(breaker.why ?? '')}{' '}
                <span className="dim">
                  <Next breaker={breaker} />
                </span>
              </span>
              <span className={classes.end}>{breaker.since !== null && <Ago at={breaker.since} as="for" />}</span>
            </li>
          ))}
        </ul>
      </Panel>
    )
  )
}

function Next({ breaker: { state, until, probe } }: { breaker: BreakerView }) {
  const wait = useTextOfTime((now) => (until !== null && until > now ? `in ${span(until - now)}` : 'with the next run'))
  return state === 'open' ? `It is tried again ${wait}.` : `Run ${probe} tries whether it works again.`
}
