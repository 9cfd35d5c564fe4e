import { isIPv4 } from 'node:net'
import { listOption } from '../command-line/list-option.ts'
import { numberOption } from '../command-line/number-option.ts'
import { multiaddr } from '@multiformats/multiaddr'
import { LIVE_ARMS } from '../live/live-arms.ts'
import { isBulk } from '../report/is-put.ts'
import { OPERATIONS } from '../report/results.ts'
import type { OptionDefinition } from '../command-line/option-definition.ts'
import type { LiveArm } from '../live/live-arms.ts'
import type { Operation } from '../report/results.ts'

/** The public network's bootstrap peers, as js-libp2p, go-libp2p and Kubo ship them */
const AMINO_BOOTSTRAP = [
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt',
  '/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ'
]

/** An arm that can run where nobody knows which peers are alive. The oracle cannot. */
export type PublicArm = Exclude<LiveArm, 'oracle'>

export interface PublicOptions {
  bootstrap: string[]
  /** IP address and port of a name server */
  dns?: string
  protocol: string
  arms: PublicArm[]
  operations: Operation[]
  lookups: number
  seed: number
  timeoutMs: number
  connectTimeoutMs: number
  trainLookups: number
  k: number
}

/**
 * Every option of the public benchmark, in the order in which help lists them
 */
export const PUBLIC_OPTIONS: { readonly [Name in keyof Required<PublicOptions>]: OptionDefinition } = {
  bootstrap: {
    placeholder: 'ADDR,ADDR',
    description: 'multiaddrs of the peers to start from, each with /p2p/; when all are private, private addresses are dialled',
    default: AMINO_BOOTSTRAP,
    parse: parseBootstrap
  },
  dns: {
    placeholder: 'IP:PORT',
    description: 'name server for /dnsaddr/ and /dns4/',
    default: undefined,
    defaultLabel: 'the system\'s',
    parse: parseNameServer
  },
  protocol: {
    placeholder: 'NAME',
    description: 'protocol of the DHT',
    default: '/ipfs/kad/1.0.0',
    parse: parseProtocol
  },
  arms: listOption('what to compare (full-table asks thousands of peers)', {
    default: ['kad-dht', 'kad-dht-tuned', 'scored', 'scored-warm'],
    choices: LIVE_ARMS.filter(arm => arm !== 'oracle')
  }),
  operations: listOption('what each arm does', {
    default: ['closest-peers'],
    choices: OPERATIONS.filter(operation => !isBulk(operation))
  }),
  lookups: numberOption('keys per arm and operation', { default: 20, quick: 3, min: 1, max: 10_000 }),
  seed: numberOption('the same seed gives the same keys and order of arms', { default: 1, min: 0, max: 2 ** 31 - 1 }),
  timeoutMs: numberOption('time limit of one operation: a failure counts as this', { default: 60_000, quick: 20_000, min: 100, max: 600_000, unit: 'ms' }),
  connectTimeoutMs: numberOption('how long to try to reach the bootstrap peers', { default: 10_000, min: 100, max: 600_000, unit: 'ms' }),
  trainLookups: numberOption('lookups of scored-warm before its restart, on keys of their own', { default: 20, quick: 3, min: 0, max: 10_000 }),
  k: numberOption('closest peers that a lookup looks for', { default: 20, min: 1, max: 100 })
}

function parseBootstrap (text: string): string[] {
  return text.split(',').map(part => {
    const address = part.trim()

    try {
      if (multiaddr(address).getComponents().some(({ name }) => name === 'p2p')) {
        return address
      }
    } catch {
      // the message below says what is wrong
    }

    throw new Error(`must be multiaddrs that end in /p2p/ and a peer id, separated by commas, got "${address}"`)
  })
}

function parseNameServer (text: string): string {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? []

  if (!isIPv4(host ?? '') || Number(port) > 65_535) {
    throw new Error(`must be an IPv4 address and a port, as 127.0.0.1:53, got "${text}"`)
  }

  return text
}

function parseProtocol (text: string): string {
  if (!/^\/\S+$/.test(text)) {
    throw new Error(`must be a name that starts with /, got "${text}"`)
  }

  return text
}
