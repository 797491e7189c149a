import { Notice } from '../parts/notice.tsx'
import { PageLink } from '../parts/page-link.tsx'

export const NothingFound = () => (
  <div style={{ flex: 1 }}>
    <Notice title="No task matches" heading={2}>
      <PageLink to="/" search={{}} replace>
        Show all open tasks
      </PageLink>
    </Notice>
  </div>
)
