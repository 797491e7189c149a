/** The pipeline table as a diagram and as a table of Markdown. */
import { edges, pipeline, type Work } from '../src/core/pipeline.ts'
import { ARTEFACTS, STAGES, type WorkStage } from '../src/core/words.ts'

const node = (stage: string) => stage.replaceAll('-', '_')

export function diagram(): string {
  const names = STAGES.map((stage) => `  ${node(stage)}[${stage}]`)
  const arrows = edges.map(
    ({ from, to, why }) => `  ${node(from)} ${why === 'sent back' ? '-.->|sent back|' : '-->'} ${node(to)}`,
  )
  const stops = STAGES.filter((stage) => stage !== 'done' && stage !== 'cancelled').map(
    (stage) => `  ${node(stage)} -.->|STOP| cancelled`,
  )
  return ['```mermaid', 'flowchart LR', ...names, ...arrows, ...stops, '```'].join('\n')
}

export function table(): string {
  const rows = (Object.entries(pipeline) as [WorkStage, (typeof pipeline)[WorkStage]][]).flatMap(([name, stage]) =>
    stage.steps.map((step, index) => {
      const gates =
        step.gates.map((gate) => `${gate.name}: ${gate.describe}`).join('; ') ||
        (step.prose ? 'none: prose holds nothing' : 'none')
      return `| ${index === 0 ? `**${name}**` : ''} | ${work(step.work)} | ${gates} | ${index === 0 ? `${stage.next}; failed: ${stage.onFail === name ? 'again' : stage.onFail}` : ''} |`
    }),
  )
  return ['| stage | work | gates | then |', '|---|---|---|---|', ...rows].join('\n')
}

function work(one: Work): string {
  switch (one.kind) {
    case 'agent':
      return `${one.role}${one.artefact ? ` → ${ARTEFACTS[one.artefact]}` : ''}`
    case 'approval':
      return 'a person approves'
    case 'check':
      return 'Orch runs the check command'
    case 'merge':
      return 'Orch merges, once'
    case 'deploy':
      return `Orch deploys to ${one.target}`
  }
}
