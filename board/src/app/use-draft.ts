import { useSessionStorage } from '@mantine/hooks'

/**
 * What a person is writing, kept by this tab until it was sent: a lost connection, a reload or a task that moved on
 * meanwhile takes nothing of it. Returns the text, a way to change it, and one to forget it.
 */
export const useDraft = <T>(name: string, empty: T) =>
  useSessionStorage<T>({ key: `orch-draft-${name}`, defaultValue: empty, getInitialValueInEffect: false })
