import type { MeView } from '../../../src/core/view.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import type { Tone } from '../words/status.ts'
import classes from './banners.module.css'
import { LoginNotice } from './login-notice.tsx'

/** What must be seen on every page: warnings of the server, and that this reader cannot change anything. */
export const Banners = ({ me }: { me: MeView | undefined }) => (
  <div className={classes.banners}>
    {me?.warnings.map((warning) => (
      <Banner key={warning} tone="waiting" icon="warning">
        <span className="foreign">{warning}</span>
      </Banner>
    ))}
    <LoginNotice />
    {me?.canWrite === false && (
      <Banner tone="plain" icon="lock">
        <strong>Read only.</strong> To change anything, open the login link that <code>orch up</code> printed, or get a
        new one with <code>orch board</code>.
      </Banner>
    )}
  </div>
)

interface BannerProps {
  readonly tone: Tone
  readonly icon: IconName
  readonly children: React.ReactNode
}

const Banner = ({ tone, icon, children }: BannerProps) => (
  <div className={classes.banner} data-tone={tone}>
    <Icon name={icon} size={15} />
    <span>{children}</span>
  </div>
)
