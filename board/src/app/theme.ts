import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const orchid: MantineColorsTuple = [
  '#fbf1fb',
  '#f3dff4',
  '#e5bee7',
  '#d69ad9',
  '#c97ccd',
  '#b95fbe',
  '#a54aab',
  '#8d3893',
  '#742d79',
  '#5a235e',
]

/** Greys of the dark scheme, from text to ground. */
const dark: MantineColorsTuple = [
  '#d4d2da',
  '#b0adb9',
  '#928f9d',
  '#65626f',
  '#403e48',
  '#33313a',
  '#28262e',
  '#1e1d23',
  '#17161b',
  '#100f13',
]

const sans =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Inter, "Noto Sans", "Liberation Sans", system-ui, sans-serif'

const dialog = {
  closeButtonProps: { 'aria-label': 'Close' },
  overlayProps: { backgroundOpacity: 0.45 },
  styles: { title: { fontWeight: 650, fontSize: '1rem' } },
  // The page has one banner, and this is not it.
  attributes: { header: { role: 'presentation' } },
}

export const theme = createTheme({
  colors: { orchid, dark },
  primaryColor: 'orchid',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: sans,
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace',
  headings: { fontFamily: sans, fontWeight: '650' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  components: {
    Modal: { defaultProps: dialog },
    Drawer: { defaultProps: dialog },
  },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
})

const ours = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-error': 'var(--tone-bad)',
  '--mantine-color-anchor': 'var(--accent)',
}

/** The library's colours are taken from `global.css`, which decides by scheme. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours })
