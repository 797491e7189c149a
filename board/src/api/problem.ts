/** An order or a question that was not answered with 2xx. `message` is one sentence for people, the server's own where it gave one. */
export class Problem extends Error {
  /** HTTP status; 0 when no answer came, so that it is unknown whether anything was done. */
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.name = 'Problem'
    this.status = status
  }

  /** The server will answer the same again. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500
  }

  /** The server answered that nothing was changed. Others may answer 502 or 504 for it, without knowing. */
  get undone(): boolean {
    return this.refused || this.status === 503
  }
}

export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
