/** Reads a configuration's text. Whatever is in its place instead is named in one sentence. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { UserError } from '#core/errors.ts'

const BYTES_MAX = 1024 * 1024

/** @throws {UserError} where there is no readable text of at most 1 MiB at `path`. */
export function readConfigFile(path: string): string {
  try {
    // Looked at before it is opened: opening a pipe waits for somebody to write into it.
    const facts = statSync(path)
    if (facts.isDirectory())
      throw new UserError(`${path} is a folder; name the file in it, such as ${path}/orch.config.yaml.`)
    if (!facts.isFile()) throw new UserError(`${path} is not a file; name a YAML file with --config.`)
    return decode(path, readBytes(path))
  } catch (thrown) {
    throw thrown instanceof UserError ? thrown : new UserError(unreadable(path, thrown))
  }
}

function readBytes(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    // One byte more than allowed, because a file can grow while it is read.
    const buffer = Buffer.alloc(BYTES_MAX + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, length)
    if (length > BYTES_MAX)
      throw new UserError(`${path} is larger than 1 MiB, which no configuration is; name the right file with --config.`)
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

function decode(path: string, bytes: Buffer): string {
  const sentence = `${path} is not text in UTF-8; save it in that encoding.`
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.includes('\0')) throw new UserError(sentence)
    return text
  } catch {
    throw new UserError(sentence)
  }
}

function unreadable(path: string, thrown: unknown): string {
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `There is no configuration ${path}; write one with \`orch init\`, or name another with --config.`
    case 'ENOTDIR':
      return `${path} lies below a file, not below a folder; name another file with --config.`
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read by this user; change its permissions, or start Orch as its owner.`
    default:
      return `${path} could not be read (${(thrown as NodeJS.ErrnoException).code ?? String(thrown)}); check the disk it lies on.`
  }
}
