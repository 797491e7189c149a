/** Templates of prompts and house rules, read from files and checked before any run needs them. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sentenceOf, UserError } from '../../core/errors.ts'
import { checkPrompt, type Prompts } from '../../core/prompt.ts'
import { ROLES, type Role } from '../../core/words.ts'

const BYTES_MAX = 256 * 1024

/**
 * One checked template per role.
 *
 * @param dir folder with `<role>.md` for every role
 * @param overrides absolute paths of a project's own templates
 * @throws {UserError} naming the file, the line and the next step, for a template that cannot be used
 */
export function loadPrompts(dir: string, overrides: Readonly<Partial<Record<Role, string>>> = {}): Prompts {
  const load = (role: Role): string => {
    const path = overrides[role] ?? join(dir, `${role}.md`)
    const text = readText(path, `the prompt of the ${role}`)
    checkPrompt(text, role, path)
    return text
  }
  return Object.fromEntries(ROLES.map((role) => [role, load(role)])) as Record<Role, string>
}

/** @param path absolute. @throws {UserError} where there is no text to be read. */
export function loadHouseRules(path: string): string {
  const text = readText(path, 'the house rules')
  if (text.trim() === '')
    throw new UserError(`${path} is empty; write the house rules into it, or take the setting away.`)
  return text
}

/** `what` the file is for, in the sentence of an error. */
function readText(path: string, what: string): string {
  try {
    // Looked at before it is opened: opening a pipe waits for somebody to write into it.
    if (!statSync(path).isFile()) throw new UserError(`${path} is not a file; name the file with ${what}.`)
    return decode(path, readBytes(path, what))
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new UserError(`There is no file ${path} for ${what}; write it, or correct the setting that names it.`)
    throw new UserError(`${path} with ${what} cannot be read (${code ?? sentenceOf(thrown)}); check its permissions.`)
  }
}

function readBytes(path: string, what: string): Buffer {
  const file = openSync(path, 'r')
  try {
    // One byte more than allowed, because a file can grow while it is read.
    const buffer = Buffer.alloc(BYTES_MAX + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, length)
    if (length > BYTES_MAX)
      throw new UserError(`${path} is larger than 256 KiB, which is too long for ${what}; shorten it.`)
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

function decode(path: string, bytes: Buffer): string {
  if (isText(bytes)) return new TextDecoder('utf-8').decode(bytes)
  let [good, bad] = [0, bytes.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isText(bytes.subarray(0, middle), true)) good = middle
    else bad = middle
  }
  const line = bytes.subarray(0, good).filter((byte) => byte === 10).length + 1
  throw new UserError(`${path}, line ${line}: this is not text in UTF-8; save the file in that encoding.`)
}

/** `part`: the last character may be cut. */
function isText(bytes: Uint8Array, part = false): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: part }).includes('\0')
  } catch {
    return false
  }
}
