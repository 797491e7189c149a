import { UserError } from '../../core/errors.ts'
import { ROLES, type Voice } from '../../core/words.ts'
import type { Person } from '../../engine/ports/tracker.ts'
import { storable } from './database.ts'

/** Who did something, as a row keeps it; the name to it is looked up when it is read. */
export interface Actor {
  readonly by: string
  readonly by_bot: boolean
}

export interface Directory {
  voice(voice: Voice): Actor
  /** @throws {UserError} when nobody is named, or one of Orch's own voices: a person's word must never pass for theirs. */
  person(name: string): Actor
  show(actor: Actor): Person
}

const VOICES: readonly Voice[] = [...ROLES, 'stream']
const idOf = (voice: Voice): string => `orch-${voice}`

/** @param voices the names that the voices sign with. @param people names by login; others go by their login. */
export const createDirectory = (
  voices: Readonly<Record<Voice, string>>,
  people: Readonly<Record<string, string>>,
): Directory => {
  const names = new Map(VOICES.map((voice) => [idOf(voice), voices[voice]]))
  const logins = new Map(Object.entries(people))
  return {
    voice: (voice) => ({ by: idOf(voice), by_bot: true }),
    person(name) {
      const by = storable(name).trim()
      if (by === '') throw new UserError('Nobody is named as the one who does this: give the name of a person.')
      if (names.has(by)) {
        throw new UserError(`"${by}" is one of Orch's own voices in the local tracker: give the name of a person.`)
      }
      return { by, by_bot: false }
    },
    show: ({ by, by_bot }) => ({ id: by, name: (by_bot ? names : logins).get(by) ?? by, isBot: by_bot }),
  }
}
