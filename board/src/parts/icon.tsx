/** Drawn in a box of 16 units, with strokes only; each shape is told from the others without its colour. */
const SHAPES = {
  line: 'M3 4h10M3 8h10M3 12h6',
  ready: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z',
  running: 'M5 3.2v9.6L12.6 8z',
  gate: 'M3 14V4.5L8 2l5 2.5V14M6 14V8.5h4V14',
  person: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8zM2.8 14c.4-2.6 2.5-4 5.2-4s4.8 1.4 5.2 4',
  waiting: 'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM8 5v3.2l2.2 1.4',
  held: 'M5.5 3v10M10.5 3v10',
  stop: 'M5.3 2h5.4L14 5.3v5.4L10.7 14H5.3L2 10.7V5.3zM5.7 8h4.6',
  done: 'M3 8.5l3.3 3.3L13 4.8',
  cancelled: 'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM4 12 12 4',
  cross: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.3 14.5 13.5H1.5zM8 6.5v3M8 11.6v.1',
  lock: 'M4 7.5h8v6H4zM5.7 7.5V5.2a2.3 2.3 0 0 1 4.6 0v2.3',
  plus: 'M8 3v10M3 8h10',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  out: 'M6.5 3.5h-3v9h9v-3M9.5 2.8h3.7v3.7M13 3 7.5 8.5',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  next: 'M3 3.5v9L9 8zM12.5 3.5v9',
  broom: 'M13.5 2.5 8.8 7.2M6.5 6.5l3 3L7 13.5 2.5 9z',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2',
  note: 'M3.5 3h9v7.5h-5L4.5 13v-2.5h-1z',
  move: 'M2.5 8h10.5M9.5 4.5 13 8l-3.5 3.5',
  dot: 'M8 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z',
} as const

export type IconName = keyof typeof SHAPES

interface Props {
  readonly name: IconName
  /** In px at the usual text size. */
  readonly size?: number
}

/** Always beside a word that says the same, so it is hidden from screen readers. */
export const Icon = ({ name, size = 14 }: Props) => (
  <svg
    aria-hidden="true"
    focusable="false"
    width={`${size / 16}rem`}
    height={`${size / 16}rem`}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.7"
    strokeLinecap="round"
    strokeLinejoin="round"
    style={{ flex: 'none' }}
  >
    <path d={SHAPES[name]} />
  </svg>
)
