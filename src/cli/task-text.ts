/** One task, told in full (`task show`) or by what it waits for (`explain`). */
import type { RunView, TaskDetail } from '#core/view.ts'
import type { Paper } from './paper.ts'
import { clockTime, duration } from './text.ts'
import { agentText, howTo, runCell, runTime, situation, toned, usageText, verdictCell } from './words.ts'

const SHA = 12

export function showTask(paper: Paper, task: TaskDetail, now: number): void {
  head(paper, task, now)
  const facts: [string, string][] = [
    ['Project', `${task.project}, repository ${task.repo}`],
    ['Branch', `${task.branch}${task.head === null ? '' : ` at ${task.head.slice(0, SHA)}`}`],
    ...(task.pullRequest
      ? [
          ['Pull request', `#${task.pullRequest.number} ${task.pullRequest.state} ${task.pullRequest.url}`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(task.merge === null ? [] : [['Merged as', task.merge.slice(0, SHA)] as [string, string]]),
    ...(wishText(task.agent) === ''
      ? []
      : [['Agents', `${wishText(task.agent)}, set for this task`] as [string, string]]),
    [
      'Used',
      `${task.usage.runs} agent ${task.usage.runs === 1 ? 'run' : 'runs'}${usageText(task.usage.usage) && `, ${usageText(task.usage.usage)}`}`,
    ],
  ]
  paper.table([{ title: '' }, { title: '', least: 20 }], facts)
  paper.heading('Stages')
  paper.table(
    [
      { title: 'STAGE' },
      { title: 'ROLE' },
      { title: 'STATE' },
      { title: 'RUNS', align: 'right' },
      { title: 'TIME', align: 'right' },
    ],
    task.stages.map(({ stage, role, state, runs, ms }) => [
      stage,
      role ?? '',
      { text: state, style: state === 'passed' ? 'green' : state === 'current' ? 'bold' : 'dim' },
      runs === 0 ? '' : String(runs),
      ms === 0 ? '' : duration(ms),
    ]),
  )
  runs(paper, task, now)
  gates(paper, task)
  if (task.artefacts.length > 0) {
    paper.heading('Artefacts')
    paper.table(
      [{ title: 'NAME' }, { title: 'PATH', least: 20 }, { title: 'RUN' }, { title: 'PROBLEM', least: 10 }],
      task.artefacts.map(({ name, path, run, problem }) => [name, path, run, problem ?? '']),
    )
  }
  paper.heading('Timeline')
  paper.table(
    [{ title: '' }, { title: '', least: 16 }, { title: '', least: 16 }],
    task.timeline.map(({ at, title, text, tone }) => [
      { text: clockTime(at), style: 'dim' },
      toned(title, tone),
      text ?? '',
    ]),
  )
}

export function explainTask(paper: Paper, task: TaskDetail, now: number): void {
  head(paper, task, now)
  gates(paper, task)
  paper.heading('Budgets')
  paper.table(
    [{ title: 'OF' }, { title: 'USED', align: 'right' }, { title: 'ALLOWED', align: 'right' }],
    task.budgets.map(({ name, used, limit }) => [
      name,
      { text: String(used), style: used >= limit ? 'red' : 'plain' },
      String(limit),
    ]),
  )
  runs(paper, task, now)
  for (const run of task.runs) choices(paper, run)
}

/** Why an agent's run got what it got, and what answered. */
function choices(paper: Paper, { id, role, agent }: RunView): void {
  if (agent === null) return
  paper.heading(`Run ${id}: ${role ?? 'agent'} on ${agent.runtime}`)
  for (const reason of agent.reasons) paper.line(reason)
  if (agent.resumes !== null) paper.line(`goes on with the conversation of run ${agent.resumes}`)
  if (agent.models.length > 0)
    paper.line({
      text: `answered by ${agent.models.join(', ')}${agent.fellBack ? ': it fell back from the chosen model' : ''}`,
      style: agent.fellBack ? 'yellow' : 'plain',
    })
}

const wishText = ({ model, effort, fallback }: TaskDetail['agent']): string =>
  [
    ...(model ? [`model ${model}`] : []),
    ...(effort ? [`effort ${effort}`] : []),
    ...(fallback ? [`fallback ${fallback}`] : []),
  ].join(', ')

function head(paper: Paper, task: TaskDetail, now: number): void {
  paper.line({ text: `${task.key}  ${task.title}`, style: 'bold' })
  paper.line(situation(task, now))
  if (task.why !== null)
    paper.line({ text: `Why it waits: ${task.why}`, style: task.phase === 'held' ? 'red' : 'yellow' })
  else if (task.phase !== 'final') paper.line('It waits for nothing.')
  for (const action of task.actions) paper.line({ text: `You can: ${howTo(action, task.key)}`, style: 'dim' })
}

function gates(paper: Paper, task: TaskDetail): void {
  paper.heading('Gates')
  paper.table(
    [{ title: 'STAGE' }, { title: 'GATE' }, { title: 'VERDICT' }, { title: 'WHY', least: 20 }],
    task.gates.map(({ stage, gate, verdict, sentence }) => [stage, gate, verdictCell(verdict), sentence]),
    'No gate was judged yet.',
  )
}

function runs(paper: Paper, task: TaskDetail, now: number): void {
  paper.heading('Runs')
  paper.table(
    [
      { title: 'RUN' },
      { title: 'STAGE' },
      { title: 'KIND' },
      { title: 'STATE' },
      { title: 'TIME', align: 'right' },
      { title: 'AGENT', least: 8 },
      { title: 'USED', least: 8 },
      { title: 'RESULT', least: 16 },
    ],
    task.runs.map((run) => [
      run.id,
      run.stage,
      run.role ?? run.kind,
      runCell(run.state),
      runTime(run, now),
      agentText(run.agent),
      usageText(run.usage),
      run.sentence ?? '',
    ]),
    'Nothing was run yet.',
  )
}
