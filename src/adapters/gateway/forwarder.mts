/**
 * Runs inside a sandbox as the parent of an agent: what connects to a port of the sandbox's own loopback comes out at a
 * UNIX socket. Arguments: the socket's path, the port, and the command, which gets this program's input and output, its
 * signals, and whose exit code it ends with (128 + number after a signal, 127 where the command is missing, 126 where it
 * cannot be run, 125 where the port cannot be had). It prints nothing while the command runs. It stands alone: nothing of
 * Orch is visible around it, and its name says what kind of module it is.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { constants } from 'node:os'

const [path = '', port = '', program = '', ...args] = process.argv.slice(2)
const running: { child: ChildProcess | null } = { child: null }

const fail = (code: number, sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(code)
}

/** Each direction ends by itself; an error ends both. */
const pass = (from: Socket, to: Socket): void => {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', (hadError) => (hadError ? to.destroy() : to.destroySoon()))
}

const run = (): void => {
  const child = spawn(program, args, { stdio: 'inherit' })
  running.child = child
  child.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (child.pid === undefined) fail(code === 'ENOENT' ? 127 : 126, `The program ${program} cannot be run (${code}).`)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
}

// Whatever goes wrong with a connection, the command goes on.
process.on('uncaughtException', () => {})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)
  process.on(signal, () => {
    if (running.child === null) process.exit(128 + constants.signals[signal])
    running.child.kill(signal)
  })

const server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
  const outer = connect({ path, allowHalfOpen: true })
  pass(inner, outer)
  pass(outer, inner)
})
server.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (running.child === null) fail(125, `The port ${port} of the sandbox cannot be had (${code}).`)
})
server.listen(Number(port), '127.0.0.1', run)
