import { Notice } from '../parts/notice.tsx'
import { PageLink } from '../parts/page-link.tsx'
import { usePageTitle } from './use-page-title.ts'

export function NotFound() {
  usePageTitle('Not found')
  return (
    <Notice title="There is no such page">
      <PageLink to="/">Go to the board</PageLink>
    </Notice>
  )
}
