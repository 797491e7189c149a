import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { openSession, takeLoginCode } from '../api/session.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { useEnvironment } from './environment.ts'

/** Follows a login link, whether the page was opened with it or it was put into the address of an open page. */
export function LoginNotice() {
  const { client, loginCode } = useEnvironment()
  const queries = useQueryClient()
  const [problem, setProblem] = useState<unknown>(null)
  const used = useRef<string | null>(null)

  useEffect(() => {
    const login = async (code: string | null) => {
      if (code === null || used.current === code) return
      used.current = code
      try {
        await openSession(client, code)
        setProblem(null)
      } catch (error) {
        setProblem(error)
      }
      await queries.invalidateQueries({ queryKey: ['me'] })
    }
    const changed = () => void login(takeLoginCode(window))
    void login(loginCode)
    window.addEventListener('hashchange', changed)
    return () => window.removeEventListener('hashchange', changed)
  }, [client, loginCode, queries])

  return <ProblemAlert error={problem} title="The login did not work" />
}
