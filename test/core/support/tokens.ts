/** Tokens in the formats of their issuers. Put together here, so that no scanner takes this file for a leak. */
const KEY_BODY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'
const dashes = '-'.repeat(5)

export const privateKey = (newline = '\n'): string =>
  [`${dashes}BEGIN RSA PRIVATE KEY${dashes}`, KEY_BODY, KEY_BODY, 'a1b2', `${dashes}END RSA PRIVATE KEY${dashes}`].join(
    newline,
  )

const some = (length: number): string => 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC'.repeat(9).slice(0, length)
const hex = (length: number): string => '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(2).slice(0, length)

/** Kind, the token, and what has to stand before it where the token alone says nothing. */
export const TOKENS: readonly (readonly [kind: string, token: string, before?: string])[] = [
  ['an AWS access key', `AK${'IA'}Z5NQ2RWTYUPLKJHG`],
  ['an AWS secret key', some(40), 'aws_secret_access_key = '],
  ['an AWS secret key', some(40), 'AWS_SECRET_ACCESS_KEY="'],
  ['a GitHub token', `gh${'p_'}${some(36)}`],
  ['a GitHub token', `github${'_pat_'}${some(22)}_${some(59)}`],
  ['a GitLab token', `gl${'pat-'}${some(20)}`],
  ['a Gitea token', hex(40), 'GITEA_TOKEN='],
  ['a Gitea token', hex(40), '"Authorization": "token '],
  ['a Gitea token', hex(40), 'https://bot:'],
  ['a Plane token', `plane${'_api_'}${hex(32)}`],
  ['a Slack token', `xox${'b-'}1234567890-2345678901-${some(24)}`],
  ['a Slack webhook', `hooks.slack.com/${'services'}/T0A1B2C3D/B9Z8Y7X6W/${some(24)}`],
  ['a Stripe key', `sk_${'live_'}${some(24)}`],
  ['a Google key', `AI${'za'}${some(35)}`],
  ['an Anthropic key', `sk-${'ant-'}api03-${some(93)}AA`],
  ['an OpenAI key', `sk-${'proj-'}${some(48)}`],
  ['an OpenAI key', `sk-${some(20)}T3Blbk${'FJ'}${some(20)}`],
  ['an npm token', `npm${'_'}${some(36)}`],
  ['a Telegram bot token', `1234567890:${'AA'}${some(33)}`],
  ['a signed token (JWT)', `ey${'J'}${some(30)}.ey${'J'}${some(60)}.${some(43)}`],
]
