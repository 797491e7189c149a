/** What every command that speaks to a server begins with. */
import type { Command } from 'commander'
import { type Client, createClient } from '../client.ts'
import { type Paper, paperOf } from '../paper.ts'
import { findServer, type Locate } from '../server.ts'
import type { Shell } from '../shell.ts'
import { json } from '../text.ts'

export interface ServerFlags {
  readonly server?: string
  readonly config?: string
  readonly json?: boolean
}

export interface CommandContext {
  readonly shell: Shell
  readonly locate: Locate
}

/** Adds the options by which a server is found. */
export const withServer = (command: Command): Command =>
  command
    .option('--server <url>', 'address of Orch; ORCH_SERVER, or the one that runs here, where absent')
    .option('--config <file>', 'the configuration whose Orch is meant; the nearest orch.config.yaml where absent')

/** Likewise, for a command that reads. */
export const withReading = (command: Command): Command =>
  withServer(command).option('--json', 'print one JSON document instead of text')

export interface Visit {
  readonly client: Client
  readonly paper: Paper
  readonly now: number
  /** Prints the document where --json was given, else calls `text`. */
  show(document: unknown, text: () => void): void
}

export function visit({ shell, locate }: CommandContext, flags: ServerFlags): Visit {
  const { terminal } = shell
  return {
    client: createClient(findServer(flags, locate, shell), shell),
    paper: paperOf(terminal),
    now: shell.now(),
    show: (document, text) => (flags.json ? terminal.out(json(document)) : text()),
  }
}

export const taskPath = (key: string): string => `/api/tasks/${encodeURIComponent(key)}`
