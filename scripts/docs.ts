/** Writes the parts of the docs that come from code: the pipeline's diagram and table. `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs'
import { diagram, table } from './pipeline-docs.ts'

const path = new URL('../docs/architecture.md', import.meta.url)
const before = readFileSync(path, 'utf8')
const after = replace(replace(before, 'diagram', diagram()), 'table', table())

if (process.argv.includes('--check')) {
  if (before !== after) {
    console.error('docs/architecture.md is not what the pipeline table says; run `npm run docs`.')
    process.exitCode = 1
  }
} else if (before !== after) {
  writeFileSync(path, after)
  console.log('docs/architecture.md was brought up to the pipeline table.')
}

function replace(text: string, part: string, content: string): string {
  const [open, close] = [`<!-- ${part}: made by npm run docs -->`, `<!-- /${part} -->`]
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`docs/architecture.md has no part ${part}`)
  return `${text.slice(0, from)}${open}\n${content}\n${text.slice(to)}`
}
