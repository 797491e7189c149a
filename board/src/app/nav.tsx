import { Link } from '@tanstack/react-router'
import { Mark } from './mark.tsx'
import classes from './shell.module.css'

export const Nav = () => (
  <nav className={classes.nav} aria-label="Pages">
    <Link to="/" className={classes.brand} aria-label="Orch, to the board">
      <Mark />
      <span>Orch</span>
    </Link>
    <Link to="/" className={classes.page} activeOptions={{ exact: true, includeSearch: false }}>
      Board
    </Link>
    <Link to="/queue" className={classes.page}>
      Queue
    </Link>
    <Link to="/usage" className={classes.page} activeOptions={{ includeSearch: false }}>
      Usage
    </Link>
  </nav>
)
