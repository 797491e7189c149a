import { useQuery } from '@tanstack/react-query'
import type { MeView } from '../../../src/core/view.ts'
import { meQuery } from '../api/queries.ts'
import { useEnvironment } from './environment.ts'

/** Who reads, what they may do, and the projects there are; undefined until it is known. */
export const useMe = (): MeView | undefined => useQuery(meQuery(useEnvironment().client)).data
