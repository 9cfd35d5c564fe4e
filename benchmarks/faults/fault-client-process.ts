import { kadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { scoredKadDHT } from '../../src/index.ts'
import { serveCommands } from '../processes/serve-commands.ts'
import { createFaultClient, meet, tellOf } from './fault-client.ts'
import { FaultyLinks } from './faulty-links.ts'
import { keepLookingUp, lookups } from './lookups.ts'
import { Watch } from './watch.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { FaultClient } from './fault-client.ts'
import type { Link, LinkState } from './faulty-links.ts'
import type { LookupResult } from './lookups.ts'
import type { Aftermath, Outage } from './outage.ts'
import type { PeerId } from '@libp2p/interface'

export interface FaultClientOptions {
  arm: 'kad-dht' | 'scored'
  /** The module that exports `scoredKadDHT` @default the one of this repository */
  source?: string
  peers: Array<{ id: string, multiaddr: string }>
  rttMs: number
  /** How often each peer answers before the test begins. With 0, only the addresses of the peers are known. */
  answers?: number
  /** Options of the scored arm */
  scoring?: ScoringInit
}

/** Number of peers of each class */
export type Counts = Record<PeerClass, number>

const links = new FaultyLinks()
let client: FaultClient | undefined
let ids: PeerId[] = []
let stopLookingUp: (() => Promise<LookupResult[]>) | undefined
let watch: Watch | undefined

/**
 * The commands of a process with a node under test
 */
const commands = {
  async start ({ arm, source, peers, rttMs, answers, scoring }: FaultClientOptions): Promise<{ pid: number }> {
    const factory = source === undefined ? scoredKadDHT : (await import(source)).scoredKadDHT as typeof scoredKadDHT
    const infos = peers.map(peer => ({ id: peerIdFromString(peer.id), multiaddrs: [multiaddr(peer.multiaddr)] }))

    ids = infos.map(({ id }) => id)
    links.setLink(rttMs)
    client = await createFaultClient({ factory: arm === 'kad-dht' ? kadDHT : init => factory({ ...init, scoring }), links })
    await (answers === 0 ? tellOf(client, infos) : meet(client, infos, answers))

    return { pid: process.pid }
  },

  begin ({ outage }: { outage: Outage }): void {
    links.begin(outage)
  },

  end (_: object): void {
    links.end()
  },

  setLink ({ link, peers }: { link: Link | number, peers?: string[] }): void {
    links.setLink(link, peers)
  },

  become ({ state, peers, then }: { state: LinkState, peers: string[], then?: Aftermath }): void {
    links.become(state, peers, then)
  },

  /** Keep a number of lookups in flight, and watch how far the peers' classes fall meanwhile */
  keepLookingUp ({ inFlight, name }: { inFlight: number, name?: string }): void {
    stopLookingUp = keepLookingUp(running(), inFlight, { name })
    watch = new Watch(() => countsOf(ids))
  },

  async stopLookingUp (_: object): Promise<{ results: LookupResult[], worst: Counts }> {
    const results = await stopLookingUp?.() ?? []

    return { results, worst: watch?.stop() ?? countsOf(ids) }
  },

  async lookups ({ count, inFlight = 1, name }: { count: number, inFlight?: number, name?: string }): Promise<LookupResult[]> {
    return lookups(running(), count, inFlight, { name })
  },

  /** Number of peers of each class, among the given peers or among all. To a node without scores, all are good. */
  counts ({ peers }: { peers?: string[] }): Counts {
    return countsOf(peers === undefined ? ids : ids.filter(id => peers.includes(id.toString())))
  },

  async stop (_: object): Promise<void> {
    await client?.stop()
  }
}

export type FaultClientCommands = typeof commands

serveCommands(commands)

function running (): FaultClient {
  if (client === undefined) {
    throw new Error('the node was not started')
  }

  return client
}

function countsOf (peers: readonly PeerId[]): Counts {
  const counts: Counts = { good: 0, neutral: 0, unacceptable: 0 }
  const scores = (running().services.dht as Partial<ScoredKadDHT>).scores

  for (const peer of peers) {
    counts[scores?.get(peer).class ?? 'good']++
  }

  return counts
}
