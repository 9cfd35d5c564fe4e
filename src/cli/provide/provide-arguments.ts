import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { checkShard } from '../../publish/shard.ts'
import { parseArguments } from '../parse-arguments.ts'
import { UsageError } from '../usage-error.ts'
import type { Shard } from '../../publish/shard.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const OPTIONS = {
  cids: { type: 'string' },
  car: { type: 'string' },
  key: { type: 'string' },
  announce: { type: 'string', multiple: true },
  location: { type: 'string' },
  protocol: { type: 'string' },
  bootstrap: { type: 'string', multiple: true },
  shard: { type: 'string' },
  shards: { type: 'string' },
  json: { type: 'boolean' },
  timeout: { type: 'string' },
  help: { type: 'boolean', short: 'h' }
} as const

export const PROVIDE_HELP = `Usage: libp2p-scored-routing provide --cids FILE|- [--car FILE] --key FILE
         --announce ADDR [--announce ADDR ...] --location DIR [options]

Tells the DHT that a content server has all that a list of CIDs names. It does so under
the key of that server, as servers of the DHT take a record from its provider alone. What
is stored is remembered: the same command run again sends only what waits.

Options:
  --cids FILE       a CID on each line; blank lines, and those that begin with #, are
                    skipped. - is standard input
  --car FILE        the CIDs of the blocks of a CAR; needs the package @ipld/car
  --key FILE        private key of the content server, as libp2p writes it, raw or in base64
  --announce ADDR   address of the content server; may be given several times
  --location DIR    database of the keys; one process at a time can use it
  --protocol P      of the DHT, /ipfs/kad/1.0.0 without it
  --bootstrap ADDR  peer to start from; may be given several times. On /ipfs/kad/1.0.0 the
                    usual ones without it
  --shard I/N       only the I-th, from 0, of N equal parts of the keyspace, each with a
                    location of its own
  --shards N        the same, with the I of the variable JOB_COMPLETION_INDEX
  --timeout S       stop after so many seconds, as Ctrl-C does
  --json            one line of JSON at the end: stored, failed, waiting, keysPerSecond,
                    seconds and failures, 1000 at most, as raw CIDs of version 1
  --help            this text

Exit code: 0 when all is stored, 1 when some is not, 2 when the command can't work as it
is, 130 when it was stopped by Ctrl-C or SIGTERM.
`

const IPFS_PROTOCOL = '/ipfs/kad/1.0.0'

const IPFS_BOOTSTRAP = [
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt',
  '/dnsaddr/va1.bootstrap.libp2p.io/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8',
  '/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ'
]

/** A timer can't wait longer, s */
const MAX_TIMEOUT = 2_000_000

/**
 * What the `provide` command is to do
 */
export interface ProvideArguments {
  /** Path of a list, `-` for standard input */
  cids: string | undefined
  /** Path of a CAR */
  car: string | undefined
  /** Path of the private key */
  key: string
  announce: Multiaddr[]
  location: string
  protocol: string
  /** Whether it is a network where private addresses are of no use */
  isPublic: boolean
  bootstrap: Multiaddr[]
  shard: Shard | undefined
  timeoutMs: number | undefined
  json: boolean
}

/**
 * @param args - What follows `provide` on the command line
 * @param jobIndex - The variable JOB_COMPLETION_INDEX
 * @returns Undefined when help is asked for
 * @throws {UsageError} The arguments make no sense
 */
export function parseProvideArguments (args: string[], jobIndex: string | undefined): ProvideArguments | undefined {
  const { values, positionals: [other] } = parseArguments(args, OPTIONS)
  const { cids, car, key = '', announce = [], location = '', protocol = IPFS_PROTOCOL, bootstrap, json = false, help = false } = values

  if (help) {
    return undefined
  }

  if (other !== undefined) {
    throw new UsageError(`provide takes only options, and there is "${other}" as well`)
  }

  if (key === '' || announce.length === 0) {
    throw new UsageError('provide needs --key and --announce, the private key and the addresses of a content server that stays: servers of the DHT take a record from its provider alone, and one that names this passing node would lead nowhere')
  }

  if (cids === undefined && car === undefined) {
    throw new UsageError('provide needs --cids or --car, the content to provide')
  }

  if (location === '') {
    throw new UsageError('provide needs --location, the directory where it remembers what is stored')
  }

  const isPublic = protocol === IPFS_PROTOCOL

  return {
    cids,
    car,
    key,
    announce: announce.map(text => announced(text, isPublic)),
    location,
    protocol,
    isPublic,
    bootstrap: bootstrapOf(bootstrap ?? (isPublic ? IPFS_BOOTSTRAP : []), protocol),
    shard: shardOf(values, jobIndex),
    timeoutMs: timeoutOf(values.timeout),
    json
  }
}

function announced (text: string, isPublic: boolean): Multiaddr {
  const address = parseAddress('--announce', text)

  if (isPublic && isPrivate(address)) {
    throw new UsageError(`--announce is "${text}", which nobody can reach from outside`)
  }

  return address
}

function bootstrapOf (texts: string[], protocol: string): Multiaddr[] {
  if (texts.length === 0) {
    throw new UsageError(`provide needs --bootstrap, a peer of ${protocol} to start from`)
  }

  return texts.map(text => parseAddress('--bootstrap', text))
}

function parseAddress (option: string, text: string): Multiaddr {
  try {
    const address = multiaddr(text)

    if (address.getComponents().length > 0) {
      return address
    }
  } catch {
    // the reason is the engine's own, and says no more
  }

  throw new UsageError(`${option} is "${text}", allowed is a multiaddr, such as /ip4/203.0.113.7/tcp/4001`)
}

function shardOf ({ shard, shards }: { shard?: string, shards?: string }, jobIndex: string | undefined): Shard | undefined {
  if (shard !== undefined && shards !== undefined) {
    throw new UsageError('--shard and --shards are both given, only one of them can say which part')
  }

  if (shards !== undefined && jobIndex === undefined) {
    throw new UsageError('--shards needs the variable JOB_COMPLETION_INDEX, and there is none')
  }

  const text = shards === undefined ? shard : `${jobIndex}/${shards}`

  if (text === undefined) {
    return undefined
  }

  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? []

  if (count === undefined) {
    throw new UsageError(`the shard is "${text}", allowed is I/N, such as 0/4`)
  }

  const parsed = { index: Number(index), count: Number(count) }

  try {
    checkShard(parsed)
  } catch (err) {
    throw new UsageError(err.message, { cause: err })
  }

  return parsed
}

function timeoutOf (text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined
  }

  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0

  if (seconds <= 0 || seconds > MAX_TIMEOUT) {
    throw new UsageError(`--timeout is "${text}", allowed is a number above 0, up to ${MAX_TIMEOUT}`)
  }

  return Math.ceil(seconds * 1000)
}
