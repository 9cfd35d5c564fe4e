import { join } from 'node:path'
import { LevelScoreStore } from '../persistence/level-score-store.ts'
import { ScoreStoreError } from '../persistence/score-store-error.ts'
import { StoreDirectory } from '../persistence/store-directory.ts'
import { exists } from './exists.ts'
import { formatReport } from './format-report.ts'
import { parseArguments } from './parse-arguments.ts'
import { reportOnStore } from './store-report.ts'
import { UsageError } from './usage-error.ts'
import type { StoreReport } from './store-report.ts'

const OPTIONS = {
  top: { type: 'string' },
  peer: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' }
} as const

export const INSPECT_HELP = `Usage: libp2p-scored-routing inspect <location> [options]

Prints what a score store on disk knows: how many peers of each class, then the
peers, best score first, and those that others have named and that were not asked
yet. Classes are those of a node with default parameters that
would start from the store now. The node that uses the store must be stopped.

Options:
  --top N    only the N best peers
  --peer ID  only this peer, and why it has its score
  --json     one JSON object
  --help     this text
`

/**
 * The `inspect` command. Entries that can't be read give a line each on standard error.
 *
 * @param args - What follows `inspect` on the command line
 * @param now - ms since the epoch
 * @throws {UsageError} The arguments make no sense
 * @throws {ScoreStoreError} There is no store, it can't be opened, or it does not know the peer asked for
 */
export async function inspect (args: string[], now: number): Promise<void> {
  const { location, top, peer, json, help } = parse(args)

  if (help) {
    process.stdout.write(INSPECT_HELP)
    return
  }

  const report = await readStore(location, now)

  for (const { key, reason } of report.unreadable) {
    process.stderr.write(`warning: entry ${key} is skipped: ${reason === 'damaged' ? 'it is damaged' : 'its version is unknown'}\n`)
  }

  const peers = peer === undefined ? report.peers.slice(0, top) : report.peers.filter(entry => entry.peer === peer)

  if (peer !== undefined && peers.length === 0) {
    throw new ScoreStoreError(`score store at ${location} does not know peer ${peer}`)
  }

  if (json) {
    process.stdout.write(`${JSON.stringify({ ...report, peers }, undefined, 2)}\n`)
    return
  }

  process.stdout.write(formatReport({ ...report, peers }, now))

  if (peer !== undefined) {
    process.stdout.write(peers[0].reasons.map(reason => `\n${reason}`).join('') + '\n')
  }
}

function parse (args: string[]): { location: string, top: number, peer: string | undefined, json: boolean, help: boolean } {
  const { values: { top, peer, json = false, help = false }, positionals } = parseArguments(args, OPTIONS)
  const [location = '', ...others] = positionals

  if (!help && location === '') {
    throw new UsageError('inspect needs the location of a score store')
  }

  if (others.length > 0) {
    throw new UsageError(`inspect takes one location, and there is "${others[0]}" as well`)
  }

  if (top !== undefined && !/^[1-9]\d*$/.test(top)) {
    throw new UsageError(`--top is "${top}", allowed is a whole number from 1`)
  }

  return { location, top: top === undefined ? Infinity : Number(top), peer, json, help }
}

async function readStore (location: string, now: number): Promise<StoreReport> {
  // opening would make it; of a damaged one it says why
  if (!await exists(join(location, 'CURRENT')) && !await new StoreDirectory(location).isBeheaded().catch(() => false)) {
    throw new ScoreStoreError(`there is no score store at ${location}`)
  }

  const store = new LevelScoreStore({ location })
  await store.open()

  try {
    return await reportOnStore(store, location, now)
  } finally {
    await store.close()
  }
}
