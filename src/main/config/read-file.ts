/** Reads a configuration's text. Whatever is in its place instead is named in one sentence. */
import { open } from 'node:fs/promises'
import { UserError } from '#core/errors.ts'

const BYTES_MAX = 1024 * 1024

/** @throws {UserError} where there is no readable text of at most 1 MiB at `path`. */
export async function readConfigFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw new UserError(unreadable(path, thrown))
  })
  try {
    const facts = await file.stat()
    if (facts.isDirectory())
      throw new UserError(`${path} is a folder; name the file in it, such as ${path}/orch.config.yaml.`)
    if (!facts.isFile()) throw new UserError(`${path} is not a file; name a YAML file with --config.`)
    // One byte more than allowed tells a file that grows while it is read.
    const buffer = Buffer.alloc(BYTES_MAX + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = (await file.read(buffer, length, buffer.length - length, length)).bytesRead
    if (length > BYTES_MAX)
      throw new UserError(`${path} is larger than 1 MiB, which no configuration is; name the right file with --config.`)
    return decode(path, buffer.subarray(0, length))
  } finally {
    await file.close()
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
