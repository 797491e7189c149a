import { Button } from '@mantine/core'
import type { RunView } from '../../../src/core/view.ts'
import { Icon } from '../parts/icon.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { describeUsage } from '../words/amounts.ts'
import { plain } from '../words/plain.ts'
import { agentText, runStatus, runTitle } from '../words/runs.ts'
import { STAGE_TITLES } from '../words/stages.ts'
import { LogPane } from './log-pane.tsx'
import classes from './rows.module.css'
import { RunAgent } from './run-agent.tsx'
import { RunTime } from './run-time.tsx'

interface Props {
  readonly run: RunView
  readonly open: boolean
  readonly onToggle: () => void
}

export function RunRow({ run, open, onToggle }: Props) {
  const started = run.startedAt !== null
  return (
    <li className={classes.row} data-lead data-run={run.id}>
      <span className={classes.lead}>
        <StatusBadge status={runStatus(run.state)} />
      </span>
      <div className={classes.main}>
        <div className={classes.title}>
          <strong>{runTitle(run)}</strong>
          <span className="dim">{STAGE_TITLES[run.stage]}</span>
          <span className="dim mono">{run.id}</span>
        </div>
        {run.sentence !== null && <div className="foreign">{plain(run.sentence)}</div>}
        <div className={classes.small}>
          <RunTime run={run} />
          {run.usage !== null && <> · {describeUsage(run.usage)}</>}
          {run.agent !== null && agentText(run.agent) !== '' && (
            <>
              {' · '}
              <span className="foreign">{agentText(run.agent)}</span>
            </>
          )}
          {run.agent?.fellBack && <span className={classes.warn}> · fell back</span>}
        </div>
      </div>
      <div className={classes.end}>
        {started && (
          <Button
            size="compact-xs"
            variant="default"
            aria-expanded={open}
            rightSection={<Icon name="down" size={11} />}
            onClick={onToggle}
          >
            {open ? 'Hide log' : 'Log'}
          </Button>
        )}
      </div>
      {open && started && (
        <div className={classes.below}>
          {run.agent !== null && <RunAgent run={run.id} agent={run.agent} />}
          <LogPane run={run.id} hasRaw={run.agent !== null} />
        </div>
      )}
    </li>
  )
}
