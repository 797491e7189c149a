import { Button } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { useState } from 'react'
import { CreateTask } from '../create/create-task.tsx'
import { Icon } from '../parts/icon.tsx'
import { Banners } from './banners.tsx'
import { Connection } from './connection.tsx'
import { CreateContext } from './create-context.ts'
import { Nav } from './nav.tsx'
import classes from './shell.module.css'
import { useLive } from './use-live.ts'
import { useMe } from './use-me.ts'

/** What every page has: name, ways, state of the connection, warnings. */
export function Shell() {
  const me = useMe()
  const connection = useLive()
  const [creating, setCreating] = useState(false)
  return (
    <CreateContext value={() => setCreating(true)}>
      <div className={classes.shell}>
        <a className={classes.skip} href="#content">
          Skip to the content
        </a>
        <header className={classes.header}>
          <Nav />
          <div className={classes.right}>
            <Connection state={connection} />
            {me?.name != null && <span className={classes.name}>{me.name}</span>}
            <Button
              size="xs"
              leftSection={<Icon name="plus" />}
              disabled={me?.canWrite !== true}
              onClick={() => setCreating(true)}
            >
              New task
            </Button>
          </div>
        </header>
        <Banners me={me} />
        <main id="content" className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
        <CreateTask opened={creating} onClose={() => setCreating(false)} />
      </div>
    </CreateContext>
  )
}
