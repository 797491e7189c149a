/** The complete environment of one run: what is not named here is not there. */

/** A door of the gateway, or an account's own token, which the run can then read. */
export type Access =
  | { readonly is: 'door'; readonly url: string; readonly token: string; readonly proxy: string | null }
  | { readonly is: 'subscription'; readonly token: string }

export interface EnvironmentFacts {
  readonly base: { readonly PATH: string; readonly LANG: string }
  readonly home: string
  readonly tmp: string
  readonly access: Access
}

/** The CLI tries again so often by itself; three are needed before it takes the fallback model when overloaded. */
const RETRIES = 3

/** What the CLI would do besides its work, or behind our back. */
const SWITCHES = {
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // A command left running would keep it alive after its result.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  // What the repository says of itself is given by us, once, as data.
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
  // A work item that says `@path` would put that file into the conversation.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  // Failures before the first answer come as a result, too, and a dead stream is cut.
  CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
  CLAUDE_ENABLE_BYTE_WATCHDOG: '1',
  CLAUDE_CODE_MAX_RETRIES: String(RETRIES),
}

export function claudeEnvironment({ base, home, tmp, access }: EnvironmentFacts): Readonly<Record<string, string>> {
  return {
    PATH: base.PATH,
    LANG: base.LANG,
    HOME: home,
    TMPDIR: tmp,
    CLAUDE_CODE_TMPDIR: tmp,
    // The CLI tells the end of an account's limit as a time of day.
    TZ: 'UTC',
    ...SWITCHES,
    ...(access.is === 'subscription'
      ? { CLAUDE_CODE_OAUTH_TOKEN: access.token }
      : { ANTHROPIC_BASE_URL: access.url, ANTHROPIC_API_KEY: access.token, ...proxied(access.proxy) }),
  }
}

/** For `--version`, which needs no credential and no home. */
export const probeEnvironment = (base: EnvironmentFacts['base']): Readonly<Record<string, string>> => ({
  PATH: base.PATH,
  LANG: base.LANG,
  HOME: '/nonexistent',
  ...SWITCHES,
})

/** Both spellings: programs differ in which one they read. The door itself is on loopback. */
const proxied = (proxy: string | null): Readonly<Record<string, string>> =>
  proxy === null
    ? {}
    : {
        HTTP_PROXY: proxy,
        HTTPS_PROXY: proxy,
        http_proxy: proxy,
        https_proxy: proxy,
        NO_PROXY: '127.0.0.1,localhost,::1',
        no_proxy: '127.0.0.1,localhost,::1',
      }
