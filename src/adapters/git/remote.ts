/** Everything that crosses to the forge: reading all branches, and moving one of them. */
import { TransientError, UserError } from '../../core/errors.ts'
import type { Sha } from '../../core/words.ts'
import type { Remote } from '../../engine/ports/forge.ts'
import { type Copy, checkSha } from './copies.ts'
import { type Git, type GitAnswer, type GitOptions, oneLine } from './git.ts'

const REMOTE_TIMEOUT_MS = 15 * 60_000

/** Of Orch's environment, what the way to a server may need. The secrets come with the remote. */
const WAY = [
  'http_proxy',
  'https_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'SSH_AUTH_SOCK',
  'HOME',
]

/** A line too slow for a minute is dead. */
const SPEED = ['-c', 'http.lowSpeedLimit=1000', '-c', 'http.lowSpeedTime=60']
/** Old tools wrote these, and nobody can repair published history. Every other defect refuses the fetch. */
const TOLERATED = [
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'missingNameBeforeEmail',
  'missingEmail',
  'badTimezone',
  'zeroPaddedFilemode',
]
const CHECKED = ['-c', 'fetch.fsckObjects=true', ...TOLERATED.flatMap((id) => ['-c', `fetch.fsck.${id}=ignore`])]

export const remoteOptions = (env: Readonly<Record<string, string | undefined>>, remote: Remote): GitOptions => {
  const way = WAY.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { env: { ...Object.fromEntries(way), ...remote.env }, timeoutMs: REMOTE_TIMEOUT_MS }
}

/** Git's words without the remote's secrets. */
const redact = (text: string, remote: Remote): string =>
  Object.values(remote.env)
    .filter((value) => value.length >= 6)
    .reduce((said, secret) => said.replaceAll(secret, '***'), text)
    .replace(/\/\/[^/@\s]+@/g, '//')

/** Why the other side did not answer as it should. Whatever may be gone next time is a TransientError. */
export const remoteFailure = (repo: string, remote: Remote, answer: GitAnswer): Error => {
  const url = redact(remote.url, remote)
  const said = redact(answer.err, remote).slice(-500)
  if (/Authentication failed|could not read (Username|Password)|Permission denied|error: 40[13]/i.test(answer.err))
    return new UserError(
      `The forge refuses Orch access to ${repo} at ${url} (${said}); check the token and its rights.`,
    )
  if (/repository '[^']*' not found/i.test(answer.err))
    return new UserError(`There is no repository ${repo} at ${url} (${said}); check the project's repository.`)
  if (/fsck error|error in object|bad tree object/i.test(answer.err))
    return new UserError(`Git found a damaged object in ${repo} at ${url} (${said}); repair it there with git fsck.`)
  return new TransientError(`${repo} cannot be reached at ${url} (${said}).`)
}

/** `sha256` where the remote's ids are that long; also tells early that the remote does not answer. */
export const remoteFormat = async (
  git: Git,
  repo: string,
  remote: Remote,
  options: GitOptions,
): Promise<'sha1' | 'sha256'> => {
  const answer = await git.run([...SPEED, 'ls-remote', '--', remote.url], options)
  if (answer.code !== 0) throw remoteFailure(repo, remote, answer)
  return /^[0-9a-f]{64}\t/.test(answer.out.toString('latin1')) ? 'sha256' : 'sha1'
}

/** All branches as they are there now, and `base` as HEAD. Returns its commit. */
export const fetchAll = async (
  copy: Copy,
  repo: string,
  remote: Remote,
  base: string,
  options: GitOptions,
): Promise<Sha> => {
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-show-forced-updates']
  const answer = await copy.run(
    [
      ...SPEED,
      ...CHECKED,
      '-c',
      'fetch.unpackLimit=1',
      'fetch',
      ...quiet,
      '--prune',
      '--',
      remote.url,
      '+refs/heads/*:refs/heads/*',
    ],
    options,
  )
  if (answer.code !== 0) throw remoteFailure(repo, remote, answer)
  const sha = await copy.ref(`refs/heads/${base}`)
  if (sha === null)
    throw new UserError(
      `${repo} has no commit on its base branch ${base}; push a first commit there, or name another base.`,
    )
  await copy.text(['symbolic-ref', 'HEAD', `refs/heads/${base}`])
  return sha
}

/**
 * Moves a branch from `expected` to `sha`, forward only; null: it must not exist yet. The remote compares and sets, so
 * whoever moved it in between is never overwritten.
 */
export const pushBranch = async (
  copy: Copy,
  repo: string,
  remote: Remote,
  branch: string,
  move: { readonly sha: Sha; readonly expected: Sha | null; readonly isForward: boolean },
  options: GitOptions,
): Promise<'pushed' | 'was-there' | { readonly rejected: string }> => {
  const ref = `refs/heads/${branch}`
  if (!move.isForward)
    return {
      rejected: `${branch} of ${repo} is at ${move.expected?.slice(0, 10)}, which ${move.sha.slice(0, 10)} does not contain`,
    }
  const lease = `--force-with-lease=${ref}:${move.expected === null ? '' : checkSha(move.expected)}`
  const answer = await copy.run(
    [
      ...SPEED,
      'push',
      '--porcelain',
      '--no-verify',
      '--no-follow-tags',
      '--no-signed',
      lease,
      '--',
      remote.url,
      `${checkSha(move.sha)}:${ref}`,
    ],
    options,
  )
  // One line per ref: flag, tab, from:to, tab, summary.
  const [flag, , summary = ''] = (
    answer.out
      .toString('utf8')
      .split('\n')
      .find((line) => line.includes(`:${ref}\t`)) ?? ''
  ).split('\t')
  if (flag === '=') return 'was-there'
  if (flag === '!') {
    const why = /stale info|fetch first|non-fast-forward/.test(summary)
      ? 'it was moved by somebody else'
      : oneLine(redact(`${summary} ${answer.err}`, remote))
    return { rejected: `${branch} of ${repo} was not pushed: ${why}` }
  }
  if (answer.code !== 0) throw remoteFailure(repo, remote, answer)
  return 'pushed'
}
