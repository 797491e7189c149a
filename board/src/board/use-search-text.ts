import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'

const SEND_AFTER_MS = 150

/**
 * Text that is typed here and kept in the address. The address follows a little later, so it never writes over what
 * is being typed; a change of the address from elsewhere is taken up.
 */
export function useSearchText(inAddress: string, send: (text: string) => void) {
  const [text, setText] = useState(inAddress)
  const sent = useRef(inAddress)
  const sendLater = useDebouncedCallback((next: string) => {
    sent.current = next
    send(next)
  }, SEND_AFTER_MS)
  useEffect(() => {
    if (inAddress === sent.current) return
    sent.current = inAddress
    setText(inAddress)
  }, [inAddress])
  return {
    text,
    type: (next: string) => {
      setText(next)
      sendLater(next)
    },
  }
}
