import { Anchor } from '@mantine/core'
import type { TaskDetail } from '../../../src/core/view.ts'
import { Icon } from '../parts/icon.tsx'
import { webLink } from '../words/plain.ts'

type PullRequest = NonNullable<TaskDetail['pullRequest']>

/** Without a link where its address is not a web page's. Within a sentence its colour alone would not tell it apart. */
export function PullRequestLink({ pullRequest, inText = false }: { pullRequest: PullRequest; inText?: boolean }) {
  const href = webLink(pullRequest.url)
  const name = `Pull request #${pullRequest.number}`
  return href === null ? (
    <span>{name}</span>
  ) : (
    <Anchor href={href} target="_blank" rel="noopener noreferrer" inherit underline={inText ? 'always' : 'hover'}>
      {name} <Icon name="out" size={11} />
    </Anchor>
  )
}
