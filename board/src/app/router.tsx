import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router'
import type { Client } from '../api/client.ts'
import { queueQuery, taskQuery } from '../api/queries.ts'
import { BoardPage } from '../board/board-page.tsx'
import { readBoardSearch } from '../board/board-search.ts'
import { readTaskSearch } from '../task/task-search.ts'
import { readUsageSearch } from '../usage/usage-search.ts'
import { NotFound } from './not-found.tsx'
import { PageFailed } from './page-failed.tsx'
import { Shell } from './shell.tsx'

const root = createRootRouteWithContext<Readers>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
})

interface Readers {
  readonly client: Client
  readonly queries: QueryClient
}

const board = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: BoardPage,
  validateSearch: readBoardSearch,
})

const task = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$key',
  component: lazyRouteComponent(() => import('../task/task-page.tsx'), 'TaskPage'),
  // The page before stays until this one has something to show; what cannot be read, the page itself says.
  loader: ({ context: { queries, client }, params }) => queries.prefetchQuery(taskQuery(client, params.key)),
  validateSearch: readTaskSearch,
})

const queue = createRoute({
  getParentRoute: () => root,
  path: '/queue',
  component: lazyRouteComponent(() => import('../queue/queue-page.tsx'), 'QueuePage'),
  loader: ({ context: { queries, client } }) => queries.prefetchQuery(queueQuery(client)),
})

const usage = createRoute({
  getParentRoute: () => root,
  path: '/usage',
  component: lazyRouteComponent(() => import('../usage/usage-page.tsx'), 'UsagePage'),
  validateSearch: readUsageSearch,
})

const routeTree = root.addChildren([board, task, queue, usage])

export const createBoardRouter = (context: Readers) =>
  createRouter({
    routeTree,
    context,
    scrollRestoration: true,
    defaultErrorComponent: PageFailed,
    // Plain values in the address: no quotes around a run's id, which looks like a number.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(String),
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createBoardRouter>
  }
}
