import type { MeView } from '../../../src/core/view.ts'
import { Icon } from '../parts/icon.tsx'
import classes from './banners.module.css'
import { LoginNotice } from './login-notice.tsx'
import { Warnings } from './warnings.tsx'

/** What must be seen on every page: warnings of the server, and that this reader cannot change anything. */
export const Banners = ({ me }: { me: MeView | undefined }) => (
  <div className={classes.banners}>
    <Warnings texts={me?.warnings ?? []} />
    <LoginNotice />
    {me?.canWrite === false && (
      <div className={classes.banner} data-tone="plain">
        <Icon name="lock" size={15} />
        <span>
          <strong>Read only.</strong> To change anything, open the login link that <code>orch board</code> prints when
          it starts.
        </span>
      </div>
    )}
  </div>
)
