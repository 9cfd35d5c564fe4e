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
  /** The module that has `scoredKadDHT`, where it isn't that of this tree */
  source?: string
  peers: Array<{ id: string, multiaddr: string }>
  rttMs: number
  /** How often each peer answers before it begins; 0: they are only known by their addresses */
  answers?: number
  /** For the scored arm */
  scoring?: ScoringInit
}

/** How many peers are of each class */
export type Counts = Record<PeerClass, number>

const links = new FaultyLinks()
let client: FaultClient | undefined
let ids: PeerId[] = []
let stopLookingUp: (() => Promise<LookupResult[]>) | undefined
let watch: Watch | undefined

/**
 * What a process with a node under test can be asked to do
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

  /** Keep so many lookups in flight, and see how low the peers' classes fall meanwhile */
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

  /** How many of these peers, or of all, are of each class; all are good to a node without scores */
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
