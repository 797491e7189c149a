/** Reading and writing the front matter of artefacts: YAML between two `---` lines at the very top of the file. */
import { isMap, parseDocument, stringify } from 'yaml'

export type ReadFrontMatter =
  | { readonly data: Readonly<Record<string, unknown>>; readonly body: string }
  | { readonly problem: string }

const LIMIT = 64 * 1024

/** Never throws. Anything doubtful (doubled keys, aliases, no end line, too large) is a problem, not a guess. */
export function readFrontMatter(text: string): ReadFrontMatter {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.trimEnd() !== '---') return { problem: 'it does not begin with front matter (a line `---`)' }
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---')
  if (end < 0) return { problem: 'its front matter has no closing `---` line' }
  const source = lines.slice(1, end).join('\n')
  if (source.length > LIMIT) return { problem: 'its front matter is larger than 64 KiB' }
  const document = parseDocument(source, { uniqueKeys: true, schema: 'core', version: '1.2' })
  const [error] = document.errors
  if (error) return { problem: `its front matter is not valid YAML: ${error.message.split('\n')[0]}` }
  if (!isMap(document.contents)) return { problem: 'its front matter is not a list of keys and values' }
  try {
    return {
      data: document.toJS({ maxAliasCount: 0 }) as Record<string, unknown>,
      body: lines.slice(end + 1).join('\n'),
    }
  } catch {
    return { problem: 'its front matter uses YAML aliases, which are not read' }
  }
}

/** The document with `keys` set in its front matter, whatever it said there before; its other keys and prose stay. */
export function stampFrontMatter(text: string | null, keys: Readonly<Record<string, unknown>>): string {
  const read = readFrontMatter(text ?? '')
  const [data, body] = 'problem' in read ? [{}, text ?? ''] : [read.data, read.body]
  const prose = body.trim()
  return `---\n${stringify({ ...data, ...keys })}---\n${prose === '' ? '' : `\n${prose}\n`}`
}
