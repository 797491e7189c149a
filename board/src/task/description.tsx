import { Nothing } from '../parts/nothing.tsx'
import { plain } from '../words/plain.ts'

export const Description = ({ text }: { text: string }) =>
  text.trim() === '' ? (
    <Nothing>This work item has no description.</Nothing>
  ) : (
    <p
      className="foreign"
      style={{ margin: 0, padding: '1rem', maxWidth: '52rem', lineHeight: 1.6, whiteSpace: 'pre-wrap' }}
    >
      {plain(text)}
    </p>
  )
