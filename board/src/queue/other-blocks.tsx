import type { QueueView } from '../../../src/core/view.ts'
import { Panel } from '../parts/panel.tsx'
import { plain } from '../words/plain.ts'
import classes from './queue-page.module.css'

/** Blocks whose content is not settled yet are shown as they come; all that are empty share one line. */
export function OtherBlocks({ queue }: { queue: QueueView }) {
  const open = [
    { title: 'Dependencies', content: queue.dependencies },
    { title: 'Watches after a deploy', content: queue.watch },
  ]
  const known = [
    { title: 'Freezes', content: queue.freeze },
    { title: 'Stops', content: queue.stop },
    { title: 'Gates', content: queue.gates },
    { title: 'Merge leases', content: queue.leases },
    { title: 'Circuit breakers', content: queue.breakers.filter(({ state }) => state !== 'closed') },
  ]
  const empty = [...known, ...open]
    .filter(({ content }) => content.length === 0)
    .map(({ title }) => title.toLowerCase())
  return (
    <>
      {open
        .filter(({ content }) => content.length > 0)
        .map(({ title, content }) => (
          <Panel key={title} title={title} flush>
            <ul className={classes.rows}>
              {content.map((entry) => (
                <li key={JSON.stringify(entry)}>
                  <span className="foreign" style={{ gridColumn: '1 / -1' }}>
                    {plain(said(entry))}
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
        ))}
      {empty.length > 0 && <p className={classes.quiet}>Nothing at the moment: {empty.join(', ')}.</p>}
    </>
  )
}

const said = (entry: unknown): string =>
  typeof entry === 'object' && entry !== null
    ? Object.entries(entry)
        .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
        .join(' · ')
    : String(entry)
