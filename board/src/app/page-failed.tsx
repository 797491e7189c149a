import { Button } from '@mantine/core'
import { sentenceOf } from '../api/problem.ts'
import { Notice } from '../parts/notice.tsx'

/** What is left of a page whose own program failed, for example because a newer version was deployed meanwhile. */
export function PageFailed({ error }: { error: unknown }) {
  return (
    <Notice title="This page could not be shown">
      <p role="alert">{sentenceOf(error)}</p>
      <Button onClick={() => window.location.reload()}>Load the page again</Button>
    </Notice>
  )
}
