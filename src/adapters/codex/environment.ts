/** The complete environment of one run: what is not named here is not there. */

/** Holds what the run shows at its door instead of the provider's key. */
export const TOKEN_VARIABLE = 'ORCH_MODEL_TOKEN'

/** How the CLI proves itself where no gateway keeps the key: the run can read it then. */
export interface CodexLogin {
  readonly variable: 'CODEX_API_KEY' | 'CODEX_ACCESS_TOKEN'
  readonly value: string
}

export interface EnvironmentFacts {
  readonly base: { readonly PATH: string; readonly LANG: string }
  readonly home: string
  readonly tmp: string
  readonly codexHome: string
  readonly access: { readonly token: string; readonly proxy: string | null } | CodexLogin | null
}

export function codexEnvironment({ base, home, tmp, codexHome, access }: EnvironmentFacts): Record<string, string> {
  const own = {
    PATH: base.PATH,
    LANG: base.LANG,
    HOME: home,
    TMPDIR: tmp,
    CODEX_HOME: codexHome,
    // The CLI tells the end of an account's limit as a time of day.
    TZ: 'UTC',
  }
  if (access === null) return own
  if ('variable' in access) return { ...own, [access.variable]: access.value }
  return { ...own, [TOKEN_VARIABLE]: access.token, ...(access.proxy === null ? {} : proxied(access.proxy)) }
}

/** Both spellings: programs differ in which one they read. */
const proxied = (proxy: string): Record<string, string> => ({
  HTTP_PROXY: proxy,
  HTTPS_PROXY: proxy,
  http_proxy: proxy,
  https_proxy: proxy,
  NO_PROXY: '127.0.0.1,localhost,::1',
  no_proxy: '127.0.0.1,localhost,::1',
})
