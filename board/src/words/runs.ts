import type { RunAgentView, RunView } from '../../../src/core/view.ts'
import { plain } from './plain.ts'
import { capital } from './stages.ts'
import type { Status } from './status.ts'

/** Of a run, wherever one is listed. Unknown ones are shown by their name. */
const STATES: Readonly<Record<RunView['state'], Status>> = {
  ready: { label: 'Ready', tone: 'plain', icon: 'ready' },
  admitted: { label: 'Running', tone: 'active', icon: 'running' },
  cancelling: { label: 'Ending', tone: 'bad', icon: 'stop' },
  done: { label: 'Done', tone: 'good', icon: 'done' },
  failed: { label: 'Failed', tone: 'bad', icon: 'held' },
  lost: { label: 'Lost', tone: 'waiting', icon: 'waiting' },
  cancelled: { label: 'Cancelled', tone: 'plain', icon: 'cancelled' },
}

export const runStatus = (state: string): Status =>
  STATES[state as RunView['state']] ?? { label: capital(state), tone: 'plain', icon: 'ready' }

const KINDS: Readonly<Record<RunView['kind'], string>> = {
  agent: 'Agent',
  check: 'Check command',
  merge: 'Merge',
  deploy: 'Deploy',
  watch: 'Watch',
}

/** What the run is, in a word or two: the role where an agent works, else the kind. */
export const runTitle = (run: Pick<RunView, 'kind' | 'role'>): string =>
  run.kind === 'agent' && run.role !== null ? capital(run.role) : KINDS[run.kind]

/** `claude-opus-5-5 · high`; empty where nothing was chosen and nothing is known of what answered. */
export const agentText = ({ model, effort, models }: RunAgentView): string =>
  [model ?? models[0], effort]
    .flatMap((part) => part ?? [])
    .map(plain)
    .join(' · ')
