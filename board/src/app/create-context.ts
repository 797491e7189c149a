import { createContext } from 'react'

/** Opens the form for a new task, from wherever on the page. */
export const CreateContext = createContext<() => void>(() => {})
