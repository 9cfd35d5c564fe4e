import { join } from 'node:path'
import { PublishedKeys } from '../persistence/published-keys.ts'
import { CommandError } from './command-error.ts'
import { exists } from './exists.ts'
import { parseArguments } from './parse-arguments.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  location: { type: 'string' },
  status: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' }
} as const

const HELP = `Usage: libp2p-scored-routing provides --location DIR --status [--json]

Prints what is in a database of published keys: that of the provide command, or of a
node's publishing.location. The node that uses it must be stopped.

Options:
  --location DIR  the directory of the database
  --status        how many keys there are and how many wait to be stored, how many
                  regions of the keyspace were sent as a whole, and when the oldest was
  --json          one JSON object
  --help          this text
`

/**
 * What a database of published keys holds
 */
export interface ProvidesStatus {
  location: string
  keys: number
  /** Keys that wait to be stored */
  queued: number
  /** Regions that were sent as a whole */
  regions: number
  /** When the oldest of them was sent, ms since the epoch; null when there is none */
  oldestSentAt: number | null
}

/**
 * The `provides` command
 *
 * @param args - What follows `provides` on the command line
 * @throws {UsageError} The arguments make no sense
 * @throws {CommandError} There is no database
 * @throws {PublishStoreError} It can't be opened or read
 */
export async function provides (args: string[]): Promise<void> {
  const { values: { location, status = false, json = false, help = false }, positionals: [other] } = parseArguments(args, OPTIONS)

  if (help) {
    process.stdout.write(HELP)
    return
  }

  if (other !== undefined) {
    throw new UsageError(`provides takes only options, and there is "${other}" as well`)
  }

  if (location === undefined || location === '' || !status) {
    throw new UsageError(`provides needs ${status ? '--location, the directory of the database' : '--status'}`)
  }

  const report = await readStatus(location)

  process.stdout.write(json ? `${JSON.stringify(report)}\n` : formatStatus(report))
}

async function readStatus (location: string): Promise<ProvidesStatus> {
  // opening would make it
  if (!await exists(join(location, 'CURRENT'))) {
    throw new CommandError(`there is no database of published keys at ${location}`, 1)
  }

  const keys = new PublishedKeys({ location, timeOfDay: Date.now })
  await keys.open()

  try {
    let regions = 0
    let oldest = Infinity

    for await (const { sentAt } of keys.regions()) {
      regions++
      oldest = Math.min(oldest, sentAt)
    }

    return { location, keys: keys.size, queued: keys.queued, regions, oldestSentAt: regions === 0 ? null : oldest }
  } finally {
    await keys.close()
  }
}

function formatStatus ({ location, keys, queued, regions, oldestSentAt }: ProvidesStatus): string {
  const sent = `${regions} ${regions === 1 ? 'region' : 'regions'} sent`

  return `${location}: ${keys} ${keys === 1 ? 'key' : 'keys'}, ${queued} queued, ${sent}${oldestSentAt === null ? '' : `, the oldest at ${new Date(oldestSentAt).toISOString()}`}\n`
}
