/** The queue: what runs, what waits, and why. */
import type { QueueView } from '#core/view.ts'
import type { Paper } from './paper.ts'
import { clockTime, duration } from './text.ts'

export function showQueue(paper: Paper, queue: QueueView): void {
  const { jobs, runs, gates, serial_gate: serial, freeze, stop, leases, effects, breakers } = queue
  paper.line(
    `${jobs.admitted} running, ${jobs.ready} ready to run, ${jobs.cancelling} being ended; ${effects.pending} outside writes on their way, ${effects.unknown} unclear, ${effects.failed} failed.`,
  )
  if (runs.length > 0) {
    paper.heading('Runs')
    paper.table(
      [
        { title: 'RUN' },
        { title: 'TASK' },
        { title: 'KIND' },
        { title: 'STATE' },
        { title: 'HOST', least: 8 },
        { title: 'SINCE', align: 'right' },
        { title: 'WHY IT WAITS', least: 16 },
      ],
      runs.map(({ run, task, kind, role, state, host, since, why }) => [
        run,
        task,
        role ?? kind,
        { text: state, style: state === 'admitted' ? 'green' : 'plain' },
        host ?? '',
        duration(queue.at - since),
        why ?? '',
      ]),
    )
  }
  paper.heading('Lanes')
  if (!serial.enabled)
    paper.line({ text: 'The serial gate is off: tasks do not wait for each other.', style: 'yellow' })
  if (serial.lanes.length === 0) paper.line('Nobody owns a lane and nobody waits for one.')
  for (const { repo, owner, waiting } of serial.lanes) {
    paper.line(repo, owner === null ? 'is free' : `belongs to ${owner}`)
    if (waiting.length > 0)
      paper.table(
        [{ title: '', align: 'right' }, { title: '' }, { title: '', least: 20 }],
        waiting.map(({ position, task, why }) => [`  ${position}.`, task, why]),
      )
  }
  section(paper, 'Gates', gates, ({ task, gate, sentence }) => [task, gate, sentence])
  section(paper, 'Frozen', freeze, ({ repo, reason, by, since, until }) => [
    repo,
    `by ${by} since ${clockTime(since)}${until === null ? '' : ` until ${clockTime(until)}`}`,
    reason,
  ])
  section(paper, 'Stopping', stop, ({ task, by, since, sentence }) => [
    task,
    `by ${by} since ${duration(queue.at - since)}`,
    sentence,
  ])
  const troubled = breakers.filter(({ state }) => state !== 'closed')
  if (troubled.length > 0) paper.heading('Providers of models')
  for (const { sentence } of troubled) paper.line({ text: sentence, style: 'yellow' })
  section(paper, 'Windows', leases, ({ repo, task, fence }) => [repo, task, `fence ${fence}`])
}

function section<T>(paper: Paper, title: string, entries: readonly T[], row: (entry: T) => readonly string[]): void {
  if (entries.length === 0) return
  paper.heading(title)
  paper.table([{ title: '' }, { title: '', least: 12 }, { title: '', least: 20 }], entries.map(row))
}
