/** What a run is told, from the project's templates and the task. */
import type { Task } from '#core/model.ts'
import { artefactFolder } from '#core/naming.ts'
import { artefactPath, followUpFor, promptFor } from '#core/prompt.ts'
import type { ArtefactName, Role } from '#core/words.ts'
import type { Prompt } from '../ports/runtime.ts'
import type { Project } from '../project.ts'

/** `followUp` is what an agent is told that goes on with its own conversation. */
export function promptOf(
  project: Pick<Project, 'house' | 'check'>,
  task: Task,
  role: Role,
  artefact: ArtefactName | null,
): { readonly prompt: Prompt; readonly followUp: string } {
  const house = { ...project.house, check: project.check.command }
  return {
    prompt: {
      ...promptFor(task, role, artefact, house),
      task: {
        key: task.key,
        title: task.item.title,
        description: task.item.description,
        folder: artefactFolder(task.key),
      },
      artefact: artefact === null ? null : artefactPath(task, artefact),
      notes: task.notes,
    },
    followUp: followUpFor(task),
  }
}
