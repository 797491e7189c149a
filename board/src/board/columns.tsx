import { useLocalStorage } from '@mantine/hooks'
import type { StageName } from '../words/stages.ts'
import type { StageColumn } from './arrange.ts'
import { Column } from './column.tsx'
import classes from './columns.module.css'
import { Rail } from './rail.tsx'

type Folded = Readonly<Partial<Record<StageName, boolean>>>

/** Stages side by side. An empty one is a narrow rail; the others can be folded into one, which this browser remembers. */
export function Columns({ columns }: { columns: readonly StageColumn[] }) {
  const [folded, setFolded] = useLocalStorage<Folded>({
    key: 'orch-folded',
    defaultValue: {},
    getInitialValueInEffect: false,
  })
  const fold = (stage: StageName, is: boolean) => setFolded((before) => ({ ...before, [stage]: is }))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.columns} aria-label="Tasks by stage" tabIndex={0} data-scroll-restoration-id="columns">
      {columns.map(({ stage, tasks }) =>
        tasks.length === 0 || folded[stage] === true ? (
          <Rail key={stage} stage={stage} count={tasks.length} onUnfold={() => fold(stage, false)} />
        ) : (
          <Column key={stage} stage={stage} tasks={tasks} onFold={() => fold(stage, true)} />
        ),
      )}
    </section>
  )
}
