/** What happened, step by step: a running hash of all of it, and the last steps in words. */
import type { Millis } from '#core/words.ts'
import { START } from './scheduler.ts'

export interface Trace {
  step(at: Millis, actor: string, label: string): void
  /** Something inside a step that a reader wants to know; part of the hash. */
  note(text: string): void
  hash(): string
  last(): readonly string[]
}

const KEPT = 30

export function createTrace(now: () => Millis, print: ((line: string) => void) | null): Trace {
  const kept: string[] = []
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  let count = 0
  const mix = (text: string) => {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      high = Math.imul(high ^ code, 2654435761)
      low = Math.imul(low ^ code, 1597334677)
    }
  }
  const add = (line: string) => {
    mix(line)
    kept[count % KEPT] = line
    count += 1
    if (print !== null) print(line)
  }
  const seconds = (at: Millis) => `${((at - START) / 1000).toFixed(3).padStart(9)} `
  return {
    step: (at, actor, label) => add(`${seconds(at)}${actor}: ${label}`),
    note: (text) => add(`${seconds(now())}    ${text}`),
    hash: () => (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0'),
    last: () => (count <= KEPT ? [...kept] : [...kept.slice(count % KEPT), ...kept.slice(0, count % KEPT)]),
  }
}
