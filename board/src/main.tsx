import './app/mantine.css'
import './app/global.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { gather, readAnew } from './api/changes.ts'
import { createClient } from './api/client.ts'
import { createClock } from './api/clock.ts'
import { createLiveFeed } from './api/live-feed.ts'
import { Problem } from './api/problem.ts'
import { takeLoginCode } from './api/session.ts'
import { EnvironmentContext } from './app/environment.ts'
import { focusHeading } from './app/focus-heading.ts'
import { createBoardRouter } from './app/router.tsx'
import { theme, variables } from './app/theme.ts'

// Before the router is made: it would keep the code in its own copy of the address.
const loginCode = takeLoginCode(window)

const clock = createClock(() => Date.now())
const client = createClient({ fetch: window.fetch.bind(window), sawServerTime: clock.sawServerTime })
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && error instanceof Problem && !error.refused,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
const streams = { open: (url: string) => new EventSource(url), chance: () => Math.random() }
const live = createLiveFeed(
  '/api/events',
  gather((changed) => readAnew(queries, changed)),
  streams,
)
const router = createBoardRouter({ client, queries })

// Coming from another page, keyboard and screen reader go on at the new page's heading.
router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
  if (fromLocation && pathChanged) focusHeading(document)
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <EnvironmentContext value={{ client, clock, live, streams, loginCode }}>
          <RouterProvider router={router} />
        </EnvironmentContext>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
