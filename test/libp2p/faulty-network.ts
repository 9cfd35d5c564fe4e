import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createFaultClient, meet, tellOf } from '../../benchmarks/faults/fault-client.ts'
import { FaultServers } from '../../benchmarks/faults/fault-servers.ts'
import { FaultyLinks } from '../../benchmarks/faults/faulty-links.ts'
import { scored } from './test-node.ts'
import type { DHTFactory, FaultClient, FaultClientInit } from '../../benchmarks/faults/fault-client.ts'
import type { Link } from '../../benchmarks/faults/faulty-links.ts'
import type { Aftermath, Outage } from '../../benchmarks/faults/outage.ts'
import type { LookupResult } from '../../benchmarks/faults/lookups.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'
import type { ScoredKadDHT } from '../../src/service.ts'

/**
 * For tests in which only what they do may make a peer late: with the machine's other
 * work, a test's servers may take a second to answer
 */
export const UNHURRIED: ScoringInit = { parameters: { minSoftDeadlineMs: 3_000 } }

export interface FaultyNetworkOptions extends Partial<Pick<FaultClientInit, 'init' | 'options'>> {
  /** @default scoredKadDHT */
  factory?: DHTFactory
  /** Round trip time of all links, ms */
  rttMs?: number
  /** All links, where they are of another kind */
  link?: Link | number
  /** How many peers have answered the client before the test begins; all unless said */
  met?: number
  /** How many peers it knows the addresses of besides */
  toldOf?: number
  seed?: number
}

export interface FaultyNetwork {
  servers: FaultServers
  links: FaultyLinks
  client: FaultClient
  peers: string[]
  /** Our own network fails for a while */
  outage (outage: Outage, forMs: number): Promise<void>
  /** A peer's process ends and begins anew, with the same identity and port */
  restart (peer: string, downMs?: number): Promise<void>
  /** The class of each peer, where the client has scores */
  classes (): Record<string, PeerClass>
  /** How many peers are of each class, of these or of all */
  counts (peers?: readonly string[]): Record<PeerClass, number>
  /** The printable ids of peers whose class is not good */
  notGood (): string[]
  /** The share of the closest peers alive now that a lookup found */
  recall (result: LookupResult): number
  /** Peers go away, or return */
  become: FaultyLinks['become']
}

/**
 * So many real servers and a client that they have answered, until the test is over
 */
export async function faultyNetwork (count: number, { factory = scored(), rttMs = 1, link = rttMs, met = count, toldOf = 0, seed = 1, ...init }: FaultyNetworkOptions = {}): Promise<FaultyNetwork> {
  const links = new FaultyLinks(link)
  const servers = await FaultServers.start(count, seed)
  onTestFinished(async () => { await servers.stop() })
  const client = await createFaultClient({ factory, links, ...init })
  onTestFinished(async () => {
    // nothing may be in the way of an orderly end
    links.end()
    links.become('up', servers.peers)
    await client.stop()
  })
  await meet(client, servers.infos.slice(0, met))
  await tellOf(client, servers.infos.slice(met, met + toldOf))

  const infos = new Map(servers.infos.map(info => [info.id.toString(), info]))
  const down = new Set<string>()
  const classOf = (peer: string): PeerClass => (client.services.dht as ScoredKadDHT).scores.get(infos.get(peer)!.id).class

  return {
    servers,
    links,
    client,
    peers: servers.peers,
    classes: () => Object.fromEntries(servers.peers.map(peer => [peer, classOf(peer)])),
    counts: (peers = servers.peers) => {
      const counts: Record<PeerClass, number> = { good: 0, neutral: 0, unacceptable: 0 }
      peers.forEach(peer => { counts[classOf(peer)]++ })

      return counts
    },
    notGood: () => servers.peers.filter(peer => classOf(peer) !== 'good'),
    recall: ({ key, found }) => recallOf(servers.closest(key, peer => links.state(peer) === 'up' && !down.has(peer)), found),
    become: (state, peers, then?: Aftermath) => { links.become(state, peers, then) },
    async outage (outage, forMs) {
      links.begin(outage)
      await delay(forMs)
      links.end()
    },
    async restart (peer, downMs = 50) {
      down.add(peer)
      links.become('refuses', [peer])
      await servers.goDown(peer)
      await delay(downMs)
      await servers.comeBack(peer)
      links.become('up', [peer])
      down.delete(peer)
    }
  }
}

/**
 * The share of some peers that were found
 */
export function recallOf (closest: readonly string[], found: readonly string[]): number {
  return closest.length === 0 ? 1 : closest.filter(peer => found.includes(peer)).length / closest.length
}
