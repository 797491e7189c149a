/** `prepare`: builds the board where its tools are installed. Without development packages there is nothing to build. */
import { existsSync } from 'node:fs'

if (existsSync(new URL('../node_modules/vite/package.json', import.meta.url))) {
  const { build } = await import('vite')
  await build({ configFile: new URL('../board/vite.config.ts', import.meta.url).pathname, logLevel: 'warn' })
}
