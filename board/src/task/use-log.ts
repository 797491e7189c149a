import { useEffect, useState, useSyncExternalStore } from 'react'
import { createLogStream, type LogStream, type LogView } from '../api/log-stream.ts'
import { useEnvironment } from '../app/environment.ts'

const NOTHING: LogView = { lines: [], dropped: 0, state: 'connecting' }
const NEVER = () => () => {}
const nothing = () => NOTHING

/** Reads a run's log for as long as it is shown: the lines for people, or the agent's own stream. */
export function useLog(run: string, raw: boolean): LogView {
  const { streams } = useEnvironment()
  const [stream, setStream] = useState<LogStream | null>(null)
  useEffect(() => {
    const opened = createLogStream(`/api/runs/${encodeURIComponent(run)}/log${raw ? '?raw=1' : ''}`, streams)
    setStream(opened)
    return () => opened.close()
  }, [run, raw, streams])
  return useSyncExternalStore(stream?.subscribe ?? NEVER, stream?.view ?? nothing)
}
