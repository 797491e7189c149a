#!/usr/bin/env node
/**
 * Starts Orch. Plain JavaScript that a Node of years ago can read: where this Node is too old to run TypeScript, a newer
 * one is looked for beside Orch, and everything is passed through to it.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Types are stripped without a warning from here on; the same as "engines" of package.json. */
const OLDEST = [24, 12]

const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, '..', 'src', 'main.ts')

function isNewEnough(version) {
  const [major, minor] = String(version).split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** The program of the npm package "node", from Orch's own folder upwards; null where none is new enough. */
function newerNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', 'node')
    const program = join(place, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    try {
      const { version } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
      if (isNewEnough(version) && existsSync(program)) return program
    } catch {
      // Not installed here; the folder above may have it.
    }
    if (dirname(folder) === folder) return null
  }
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

function passOn(program) {
  const child = spawn(program, [main].concat(process.argv.slice(2)), { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of us; passed on as well, it would count as pressed twice.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
  for (const signal of signals) {
    process.on(signal, () => {
      if (!(hasTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal)
    })
  }
  child.on('error', (error) =>
    fail(`${program} could not be started (${error.message}); run \`npm ci\` in Orch's folder.`),
  )
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    // Whoever waits for us is to see what ended it.
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

if (here.split(sep).includes('node_modules')) {
  fail(
    `Orch lies in ${dirname(here)}, and Node runs no TypeScript below a node_modules folder; clone Orch elsewhere and run \`npm ci\` and \`npm link\` there.`,
  )
} else if (isNewEnough(process.versions.node)) {
  import('../src/main.ts')
} else {
  const program = newerNode()
  if (program !== null) passOn(program)
  else
    fail(
      `Orch needs Node ${OLDEST.join('.')} or newer and this is ${process.versions.node}; run \`npm ci\` in ${dirname(here)}, which brings one, or install a newer Node.`,
    )
}
