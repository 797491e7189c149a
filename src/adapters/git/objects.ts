/** Reads objects by their ids, many at once and never more than is asked for. */
import type { Sha } from '../../core/words.ts'
import type { Copy } from './copies.ts'
import { failed } from './git.ts'

const lines = (ids: readonly Sha[]): string => ids.map((id) => `${id}\n`).join('')

/** Sizes in bytes, without reading the objects; one that is not there is left out. */
export const sizesOf = async (copy: Copy, ids: readonly Sha[]): Promise<ReadonlyMap<Sha, number>> => {
  if (ids.length === 0) return new Map()
  const said = await copy.text(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { stdin: lines(ids) })
  return new Map(
    said
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, size]) => /^\d+$/.test(size ?? ''))
      .map(([id = '', size]) => [id, Number(size)]),
  )
}

/** The objects' bytes. Together they must be small: they are all held in memory. */
export const contentsOf = async (copy: Copy, ids: readonly Sha[]): Promise<ReadonlyMap<Sha, Buffer>> => {
  const all = new Map<Sha, Buffer>()
  if (ids.length === 0) return all
  const args = ['cat-file', '--batch=%(objectname) %(objectsize)']
  const answer = await copy.run(args, { stdin: lines(ids) })
  if (answer.code !== 0) throw failed(args, answer)
  // A header line, so many bytes, a newline; or `<id> missing`.
  for (let at = 0; at < answer.out.length; ) {
    const end = answer.out.indexOf(10, at)
    const [id = '', size = ''] = answer.out.toString('latin1', at, end).split(' ')
    at = end + 1
    if (!/^\d+$/.test(size)) continue
    all.set(id, answer.out.subarray(at, at + Number(size)))
    at += Number(size) + 1
  }
  return all
}
