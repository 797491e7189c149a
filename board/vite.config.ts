import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * Builds the board into `dist/board`. Nothing is inlined: the server's content security policy allows no inline script.
 * `vite dev` passes the API on to a server on port 4173; `/queue` is both a page and an API, told apart by `Accept`.
 */
const api = 'http://127.0.0.1:4173'
const pageItself = (request: { headers: { accept?: string | undefined } }) =>
  request.headers.accept?.includes('text/html') ? '/index.html' : undefined

export default defineConfig({
  root: decodeURIComponent(new URL('.', import.meta.url).pathname),
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/board',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'tanstack', test: /node_modules[\\/]@tanstack[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': api, '/queue': { target: api, bypass: pageItself } } },
})
