/** What each document owes in its front matter. Parsed YAML comes in; a sentence says what is wrong, null that nothing is. */

type FrontMatter = Readonly<Record<string, unknown>>

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every(isText)

const oneOf = (front: FrontMatter, key: string, allowed: readonly string[]): string | null => {
  const value = front[key]
  if (value === undefined || value === null) return `the key \`${key}\` is missing; it must be ${allowed.join(' or ')}`
  return typeof value === 'string' && allowed.includes(value)
    ? null
    : `\`${key}\` is ${JSON.stringify(value)?.slice(0, 60)}; it must be ${allowed.join(' or ')}`
}

export const analysisProblem = (front: FrontMatter): string | null => {
  if (!isText(front.problem)) return 'the key `problem` must be a text'
  if (!isTextList(front.acceptance_criteria))
    return 'the key `acceptance_criteria` must be a list of texts, at least one'
  if (!isTextList(front.test_plan)) return 'the key `test_plan` must be a list of texts, at least one'
  return null
}

export const architectureProblem = (front: FrontMatter): string | null =>
  isText(front.summary) ? null : 'the key `summary` must be a text'

export const reviewProblem = (front: FrontMatter): string | null =>
  oneOf(front, 'verdict', ['APPROVED', 'CHANGES_REQUESTED'])

export const testReportProblem = (front: FrontMatter): string | null => oneOf(front, 'test_status', ['PASS', 'FAIL'])
