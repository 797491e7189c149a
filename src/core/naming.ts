/** Names that go into branches, folders and pages, made from what people wrote. Text of people is data, never a path. */
import { UserError } from './errors.ts'

const ITEM_KEY = /^[A-Z][A-Z0-9]{0,19}-[1-9][0-9]{0,9}$/
export const TITLE_MAX = 500

/** `<KEY>` for an item's first task, `<KEY>-r2` from its second on. Throws UserError where a tracker's key is not safe. */
export function taskKey(itemKey: string, round: number): string {
  if (!ITEM_KEY.test(itemKey))
    throw new UserError(
      `The work item's key ${JSON.stringify(itemKey.slice(0, 40))} cannot name a branch; a key looks like ABC-12.`,
    )
  return round <= 1 ? itemKey : `${itemKey}-r${round}`
}

export const branchOf = (key: string): string => `orch/${key}`
export const artefactFolder = (key: string): string => `docs/tasks/${key}/`

/** A title as a person may type it. Throws UserError with the reason where it cannot be one. */
export function checkTitle(title: string): string {
  const trimmed = title.trim()
  if (oneLine(trimmed) === '') throw new UserError('The title is empty; say in a few words what is to be done.')
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(trimmed))
    throw new UserError(
      'The title contains line breaks or control characters; keep it on one line and put the rest into the description.',
    )
  const length = [...trimmed].length
  if (length > TITLE_MAX)
    throw new UserError(
      `The title has ${length} characters, ${TITLE_MAX} are allowed; put the rest into the description.`,
    )
  return trimmed
}

/** Any text on one visible line: control and direction characters become spaces, the rest is cut at `max` characters. */
export function oneLine(text: string, max = 200): string {
  const flat = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]+/gu, ' ')
    .trim()
  const characters = [...flat]
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : flat
}
