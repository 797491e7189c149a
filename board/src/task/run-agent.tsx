import type { RunAgentView } from '../../../src/core/view.ts'
import { plain } from '../words/plain.ts'
import classes from './rows.module.css'

/** What the agent of a run was given, and why; and what really answered. */
export const RunAgent = ({ run, agent }: { run: string; agent: RunAgentView }) => (
  <ul className={classes.reasons} aria-label={`What run ${run} was given, and why`}>
    {agent.reasons.map((reason) => (
      <li key={reason} className="foreign">
        {plain(reason)}
      </li>
    ))}
    {agent.resumes !== null && <li>goes on with the conversation of run {agent.resumes}</li>}
    {agent.models.length > 0 && (
      <li className="foreign">
        answered by {plain(agent.models.join(', '))} on {plain(agent.runtime)}
      </li>
    )}
  </ul>
)
