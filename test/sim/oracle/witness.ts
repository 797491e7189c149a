/** Collects what must never happen. The first violation ends the seed. */
export interface Violation {
  readonly rule: string
  readonly sentence: string
}

export interface Witness {
  violated(rule: string, sentence: string): void
  readonly violation: Violation | null
}

export function createWitness(): Witness {
  let violation: Violation | null = null
  return {
    violated(rule, sentence) {
      violation ??= { rule, sentence }
    },
    get violation() {
      return violation
    },
  }
}
