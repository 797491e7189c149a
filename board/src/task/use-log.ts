import { useEffect, useState, useSyncExternalStore } from 'react'
import { createLogStream, type LogStream, type LogView } from '../api/log-stream.ts'
import { useEnvironment } from '../app/environment.ts'

const NOTHING: LogView = { lines: [], dropped: 0, state: 'connecting' }
const NEVER = () => () => {}
const nothing = () => NOTHING

/** Reads a run's log for as long as it is shown. */
export function useLog(run: string): LogView {
  const { streams } = useEnvironment()
  const [stream, setStream] = useState<LogStream | null>(null)
  useEffect(() => {
    const opened = createLogStream(`/api/runs/${encodeURIComponent(run)}/log`, streams)
    setStream(opened)
    return () => opened.close()
  }, [run, streams])
  return useSyncExternalStore(stream?.subscribe ?? NEVER, stream?.view ?? nothing)
}
