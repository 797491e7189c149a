import { plain } from './plain.ts'

/** A reason as a sentence of its own: begins with a capital, but a name like `acme/shop` stays what it is. */
export const sentence = (text: string): string =>
  plain(text).replace(/^[a-z](?=[a-z]*(?:[ ,]|$))/, (letter) => letter.toUpperCase())
