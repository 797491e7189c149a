/** A user and a group by number. */
export interface Ids {
  readonly uid: number
  readonly gid: number
}

/** An entry of the system's list of users. */
export interface Account extends Ids {
  readonly name: string
}

/** As whom PostgreSQL runs: it refuses to be root. */
export interface ServerUser {
  /** How people are told. */
  readonly name: string
  /** Stands before every command line. */
  readonly prefix: readonly string[]
  /** What the process becomes, where that differs from us. */
  readonly ids: Ids | undefined
  /** Whose the server's files are, as we see them. */
  readonly owner: Ids
}

/** The entries of an `/etc/passwd`, see passwd(5). */
export const parseAccounts = (passwd: string): Account[] =>
  passwd.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })

/**
 * The ways to run PostgreSQL here, the best first; which of them this machine allows shows only when it is tried.
 * - An ordinary user is itself. `initdb` looks its user up by number: one without an entry gets the number of `nobody`
 *   in a user namespace of its own for the first start; the server does not look.
 * - Root hides in a user namespace, where it is `nobody` and the files stay root's. Where namespaces are off (Docker's
 *   default) it becomes `nobody`, and where `nobody` cannot get to the data (root's home) it keeps the one right to pass
 *   closed folders. Data that belongs to an ordinary user is served as that user.
 */
export const possibleServerUsers = (facts: {
  readonly me: Ids
  readonly accounts: readonly Account[]
  /** Whether the system knows our own number. */
  readonly known: boolean
  /** Whose the data folder is. */
  readonly folderOwner: Ids
  /** Whose the database in it is; undefined before the first start. */
  readonly databaseOwner: Ids | undefined
}): ServerUser[] => {
  const { me, accounts, databaseOwner, folderOwner } = facts
  const nobody = accounts.find(({ name }) => name === 'nobody') ??
    accounts.find(({ uid }) => uid !== 0) ?? { name: 'nobody', uid: 65534, gid: 65534 }
  const mapped: ServerUser = {
    name: `"${nobody.name}" in a user namespace`,
    prefix: ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'],
    ids: undefined,
    owner: me,
  }
  if (me.uid !== 0) {
    const self: ServerUser = { name: 'the user that runs Orch', prefix: [], ids: undefined, owner: me }
    return facts.known || databaseOwner ? [self] : [mapped, self]
  }
  const become = (whom: Ids): ServerUser => ({
    name: `user "${accounts.find(({ uid }) => uid === whom.uid)?.name ?? whom.uid}"`,
    prefix: [],
    ids: { uid: whom.uid, gid: whom.gid },
    owner: { uid: whom.uid, gid: whom.gid },
  })
  const becomeWithPassage = (whom: Ids): ServerUser => {
    const right = '+dac_override'
    const to = [`--reuid=${whom.uid}`, `--regid=${whom.gid}`, '--clear-groups']
    return {
      ...become(whom),
      prefix: [
        'setpriv',
        ...to,
        '--securebits=+no_setuid_fixup',
        `--inh-caps=${right}`,
        `--ambient-caps=${right}`,
        '--',
      ],
      ids: undefined,
    }
  }
  if (databaseOwner && databaseOwner.uid !== 0) return [become(databaseOwner), becomeWithPassage(databaseOwner)]
  const host = accounts.some(({ uid }) => uid === folderOwner.uid) && folderOwner.uid !== 0 && !databaseOwner
  return [...(host ? [become(folderOwner)] : []), mapped, become(nobody), becomeWithPassage(nobody)]
}
