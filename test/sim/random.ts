/** Chance from a seed. Every choice of the simulation is drawn here, so that a seed is a complete description of a run. */

export interface Random {
  /** In [0, 1). */
  float(): number
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  weighted<T>(choices: readonly (readonly [T, number])[]): T
  /** A stream of its own, so that more draws here change nothing there. */
  fork(): Random
}

/** Source of the generator: sfc32 of PractRand, 128 bits of state. */
export function createRandom(seed: number): Random {
  let a = seed | 0
  let b = Math.floor(seed / 4294967296) | 0
  let c = 0x9e3779b9
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) next()
  const float = () => next() / 4294967296
  const random: Random = {
    float,
    between: (low, high) => low + Math.floor(float() * (high - low + 1)),
    chance: (probability) => float() < probability,
    pick: <T>(list: readonly T[]): T => list[Math.floor(float() * list.length)] as T,
    weighted: <T>(choices: readonly (readonly [T, number])[]): T => {
      let left = float() * choices.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [choice, weight] of choices) {
        left -= weight
        if (left < 0) return choice
      }
      return choices[choices.length - 1]?.[0] as T
    },
    fork: () => createRandom(next() * 4294967296 + next()),
  }
  return random
}
