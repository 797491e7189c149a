import { useState } from 'react'
import type { StageView, TaskDetail } from '../../../src/core/view.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { plural } from '../words/amounts.ts'
import { statusOf, type Tone } from '../words/status.ts'
import { span } from '../words/times.ts'
import classes from './pipeline-strip.module.css'

interface Look {
  readonly tone: Tone
  readonly icon: IconName | null
  readonly said: string
}

/** The way of the task: what it passed, where it is, what lies ahead, with the work each stage took. */
export function PipelineStrip({ task }: { task: TaskDetail }) {
  const [open, setOpen] = useState(false)
  return (
    <div className={classes.strip} data-open={open || undefined}>
      <ol className={classes.stages} aria-label="The way through the pipeline">
        {task.stages.map((stage) => (
          <Stop key={stage.stage} stage={stage} look={lookOf(stage, task)} />
        ))}
      </ol>
      <button type="button" className={classes.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Only where it is' : 'All stages'}
      </button>
    </div>
  )
}

const Stop = ({ stage, look }: { stage: StageView; look: Look }) => (
  <li
    className={classes.stage}
    data-state={stage.state}
    data-tone={look.tone}
    aria-current={stage.state === 'current' ? 'step' : undefined}
  >
    <span className={classes.bar} />
    <span className={classes.title}>
      {look.icon !== null && <Icon name={look.icon} size={13} />}
      <span>{stage.title}</span>
      <span className={classes.hidden}>, {look.said}</span>
    </span>
    <span className={classes.work}>{workOf(stage, look)}</span>
  </li>
)

function workOf(stage: StageView, look: Look): string {
  const time = stage.ms >= 1_000 ? [span(stage.ms)] : []
  if (stage.runs > 0) return [plural(stage.runs, 'run'), ...time].join(' · ')
  return look.said === 'ahead' ? (stage.role ?? '') : ''
}

function lookOf(stage: StageView, task: TaskDetail): Look {
  // A task that was cancelled on its way has been in its stages; whether it passed the last one, nobody judged.
  if (task.stage === 'cancelled' && stage.state !== 'current')
    return { tone: 'plain', icon: null, said: stage.state === 'passed' ? 'was there' : 'not reached' }
  if (stage.state === 'passed') return { tone: 'good', icon: 'done', said: 'passed' }
  if (stage.state === 'ahead') return { tone: 'plain', icon: null, said: 'ahead' }
  const { tone, icon, label } = statusOf(task)
  return { tone, icon, said: label }
}
