/** Where a workspace's parts lie: `<dir>/<label>/{checkout,home,tmp}`. */
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../core/errors.ts'

export interface Layout {
  readonly root: string
  readonly checkout: string
  readonly home: string
  readonly tmp: string
}

const LABEL = /^[A-Za-z0-9][\w-]*(\.[A-Za-z0-9][\w-]*)*$/

/** A label becomes a folder and a part of a ref, so it may be neither a path nor hidden. */
export const isLabel = (name: string): boolean => LABEL.test(name) && !/\.lock(\.|$)/.test(name)

export const layoutOf = (dir: string, label: string): Layout => {
  if (!isLabel(label))
    throw new UserError(`"${label}" cannot be the name of a workspace; task keys consist of letters, digits, - and _.`)
  const root = join(dir, label)
  return { root, checkout: join(root, 'checkout'), home: join(root, 'home'), tmp: join(root, 'tmp') }
}

/** The label of the workspace with this checkout. */
export const labelOf = (checkout: string): string => basename(dirname(checkout))
