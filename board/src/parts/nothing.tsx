/** Said in place of an empty list. */
export const Nothing = ({ children }: { children: string }) => (
  <p style={{ margin: 0, padding: '1rem', color: 'var(--ink-2)' }}>{children}</p>
)
