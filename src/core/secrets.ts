/**
 * Finds secrets in text: exact values that we know, in the forms in which programs print them, and tokens that tell
 * what they are by their own format. Only formats that hardly anything else has: a finding refuses a whole change.
 */

/** A secret in a text; `kind` names it for people and never quotes it. */
export interface SecretSpan {
  readonly start: number
  readonly end: number
  readonly kind: string
}

export interface SecretFinder {
  /** In order of their starts; they may overlap. Whether one begins at a place depends on `behind` characters before it and `reach` from it on. */
  spans(text: string): readonly SecretSpan[]
  readonly reach: number
  readonly behind: number
}

/** A known value shorter than this would be found in ordinary words. */
const KNOWN_LENGTH_MIN = 8
const KNOWN = 'a secret of this installation'

const PEM_HEADER = '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----'
const PEM_END = '-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----'
/** Up to the next mark, so that no two keys share a character and the search stays linear. */
const PEM_BODY = '(?:[^-]|-(?!----))'
/** How a value is set: in code, in YAML or the environment, in JSON, in JSON within JSON. */
const IS = '[\\\\"\']{0,3} {0,3}[=:] {0,3}[\\\\"\']{0,3}'

/**
 * Formats as their issuers document them. Every repetition is bounded, and none is longer than PATTERN_REACH in all.
 * A telling prefix needs no word boundary on its left: in JSON the `n` of a `\n` may stand there.
 */
const PATTERNS: readonly (readonly [kind: string, pattern: string])[] = [
  // With its content: the mere header stands in every program that reads keys.
  [
    'a private key',
    `${PEM_HEADER}${PEM_BODY}{0,200}?[A-Za-z0-9+/]{40}(?:${PEM_BODY}{0,12000}${PEM_END}|[A-Za-z0-9+/=\\\\]{0,12000})`,
  ],
  ['an AWS access key', '(?<![A-Z0-9])(?:AKIA|ASIA)(?!IOSFODNN7EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9+/=])'],
  [
    'an AWS secret key',
    `(?<![A-Za-z0-9/+])(?![A-Za-z0-9/+]{30}EXAMPLEKEY)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])(?<=(?:aws_?secret_?(?:access_?)?key|AWS_SECRET_(?:ACCESS_)?KEY)${IS}.{40})`,
  ],
  ['a GitHub token', 'gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'],
  ['a GitLab token', 'gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-[A-Za-z0-9_.-]{20,64}'],
  // Forty hexadecimal digits are also every commit's name: only where the text around says what they are.
  [
    'a Gitea token',
    `(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])(?<=(?:(?:gitea|Gitea|GITEA)[A-Za-z0-9_.-]{0,20}(?:token|Token|TOKEN)${IS}|[Aa]uthorization${IS}token |://[^\\s/@:]{1,20}:).{40})`,
  ],
  ['a Plane token', 'plane_api_[0-9a-f]{32}'],
  [
    'a Slack token',
    'xox[abeprs]-(?:[0-9]{1,20}-){1,4}[A-Za-z0-9]{10,200}|xapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[a-z0-9]{20,100}',
  ],
  ['a Slack webhook', 'hooks\\.slack\\.com/services/T[A-Z0-9]{7,14}/B[A-Z0-9]{7,14}/[A-Za-z0-9]{20,40}'],
  ['a Stripe key', '[rs]k_live_[A-Za-z0-9]{20,250}'],
  ['a Google key', 'AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])|GOCSPX-[A-Za-z0-9_-]{28}'],
  ['an Anthropic key', 'sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{32,200}'],
  ['an OpenAI key', 'sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}'],
  ['an npm token', 'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])'],
  ['a Telegram bot token', '(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])'],
  // But for the token that every description of the format shows.
  [
    'a signed token (JWT)',
    '(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrt]))eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ(?!zdWIiOiIxMjM0NTY3ODkw)[A-Za-z0-9_-]{10,8000}\\.[A-Za-z0-9_-]{20,1000}',
  ],
]
const PATTERN_REACH = 12_800
/** Look-behinds see at most so much, the value itself aside. */
const BEHIND = 64
/** A row of fewer different characters stands for a token in a description of one. */
const DISTINCT_MIN = 9

/**
 * @param known exact values, such as our own tokens; each line of one counts, if it has at least 8 characters.
 */
export function createSecretFinder(known: readonly string[]): SecretFinder {
  const literals = [...new Set(known.flatMap(formsOf))]
  const pattern = new RegExp(PATTERNS.map(([, source]) => `(${source})`).join('|'), 'g')
  const reach = literals.reduce((most, { length }) => Math.max(most, length), PATTERN_REACH)
  return {
    reach,
    behind: BEHIND,
    spans: (text) =>
      [...literals.flatMap((literal) => literalSpans(text, literal)), ...patternSpans(text, pattern)].sort(
        (a, b) => a.start - b.start,
      ),
  }
}

function literalSpans(text: string, literal: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1))
    spans.push({ start: at, end: at + literal.length, kind: KNOWN })
  return spans
}

/** At every place where one begins, also within another: so a place's answer does not depend on where a search began. */
function patternSpans(text: string, pattern: RegExp): SecretSpan[] {
  const spans: SecretSpan[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const kind = PATTERNS[match.slice(1).findIndex((group) => group !== undefined)]?.[0] ?? KNOWN
    pattern.lastIndex = match.index + 1
    if (new Set(match[0]).size >= DISTINCT_MIN)
      spans.push({ start: match.index, end: match.index + match[0].length, kind })
  }
  return spans
}

/** How a value may show: as it is, within JSON, within an address, and within base64 at each of its three offsets. */
function formsOf(value: string): string[] {
  const lines = value
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= KNOWN_LENGTH_MIN)
  const forms = lines.flatMap((line) => [
    line,
    inJson(line),
    encodeURIComponent(line.toWellFormed()),
    ...inBase64(line),
  ])
  const whole = value.trim()
  return lines.length > 1 ? [...forms, inJson(whole), ...inBase64(whole)] : forms
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1)

/** Those characters of the encoding that depend on nothing before or after the value. */
function inBase64(value: string): string[] {
  const bytes = [...new TextEncoder().encode(value)]
  return [0, 1, 2].map((offset) => {
    const encoded = btoa(String.fromCharCode(...new Array<number>(offset).fill(0), ...bytes))
    return encoded.slice([0, 2, 3][offset], Math.floor(((offset + bytes.length) * 8) / 6))
  })
}
