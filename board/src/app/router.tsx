import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router'
import { BoardPage } from '../board/board-page.tsx'
import { readBoardSearch } from '../board/board-search.ts'
import { readTaskSearch } from '../task/task-search.ts'
import { NotFound } from './not-found.tsx'
import { PageFailed } from './page-failed.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed })

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
  validateSearch: readTaskSearch,
})

const queue = createRoute({
  getParentRoute: () => root,
  path: '/queue',
  component: lazyRouteComponent(() => import('../queue/queue-page.tsx'), 'QueuePage'),
})

const routeTree = root.addChildren([board, task, queue])

export const createBoardRouter = () =>
  createRouter({
    routeTree,
    defaultPreload: 'intent',
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
