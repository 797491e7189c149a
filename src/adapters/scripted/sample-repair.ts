/** The sample repository's bug, and its repair. The sample itself is made by the demo. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Name in the sample's package.json, by which the program knows it. */
export const SAMPLE_NAME = 'orch-sample'
const SOURCE = 'src/slug.js'
const WRONG = ".replace(' ', '-')"
const RIGHT = ".replace(/[^a-z0-9]+/g, '-')\n    .replace(/^-|-$/g, '')"

export async function isSample(root: string): Promise<boolean> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}')
  try {
    return (JSON.parse(text) as { name?: unknown }).name === SAMPLE_NAME
  } catch {
    return false
  }
}

/** Repairs what is broken and tells it in the changelog; returns the paths it edited, relative to the root. */
export async function repairSample(root: string, key: string): Promise<readonly string[]> {
  const source = await readFile(join(root, SOURCE), 'utf8')
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
  const isBroken = source.includes(WRONG)
  if (isBroken) await writeFile(join(root, SOURCE), source.replace(WRONG, RIGHT))
  const line = isBroken
    ? `- ${key}: slugs keep no blanks, signs or dashes at their ends.`
    : `- ${key}: looked at; nothing was left to repair.`
  if (changelog.includes(line)) return isBroken ? [SOURCE] : []
  await writeFile(join(root, 'CHANGELOG.md'), `${changelog.trimEnd()}\n${line}\n`)
  return isBroken ? [SOURCE, 'CHANGELOG.md'] : ['CHANGELOG.md']
}
