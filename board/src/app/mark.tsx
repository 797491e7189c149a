/** The sign of Orch, as in the tab's icon. */
export const Mark = () => (
  <svg aria-hidden="true" width="1.5rem" height="1.5rem" viewBox="0 0 32 32">
    <rect width="32" height="32" rx="8" fill="var(--mantine-primary-color-filled)" />
    <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
      <circle cx="16" cy="16" r="8.2" strokeDasharray="38 13.5" transform="rotate(-62 16 16)" />
      <path d="M16 16 22.5 9.5" />
    </g>
    <circle cx="16" cy="16" r="2.6" fill="#fff" />
  </svg>
)
